// Two at a time: a call spends most of its time listening, and what a test asserts holds beside other work.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]
