namespace Bridge.Browser.Tests;

/// <summary>
/// Tests that judge times which the page measured. They run one after the other and beside no other browser, because two browsers
/// on two processors measure each other.
/// </summary>
[CollectionDefinition(nameof(TimedCollection), DisableParallelization = true)]
public sealed class TimedCollection;
