import sys, time
import numpy, SimpleITK

SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(int(sys.argv[1]))
SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames
series = max(SimpleITK.ImageSeriesReader.GetGDCMSeriesIDs(sys.argv[2]), key=lambda series: len(names(sys.argv[2], series)))
best = float("inf")
for _ in range(3):
    start = time.perf_counter()
    image = SimpleITK.ReadImage(names(sys.argv[2], series))
    best = min(best, time.perf_counter() - start)
total = SimpleITK.GetArrayViewFromImage(image).sum(dtype=numpy.int64)
print("prosector-peer", best, total, SimpleITK.Version.VersionString())
