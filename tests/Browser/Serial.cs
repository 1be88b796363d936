// Browsers, hosts and their audio share two cores: side by side they would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
