namespace Bridge.Interop;

/// <summary>One host for all of these tests, one test at a time: what they measure is shared by the process.</summary>
[CollectionDefinition(nameof(LabHost), DisableParallelization = true)]
public sealed class LabCollection : ICollectionFixture<LabHost>;
