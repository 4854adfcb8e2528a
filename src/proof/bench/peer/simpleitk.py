import sys, time
import numpy, SimpleITK

SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(int(sys.argv[1]))
SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
best = float("inf")
for _ in range(3):
    start = time.perf_counter()
    image = SimpleITK.ReadImage(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(sys.argv[2]))
    best = min(best, time.perf_counter() - start)
total = SimpleITK.GetArrayViewFromImage(image).sum(dtype=numpy.int64)
print("prosector-peer", best, total, SimpleITK.Version.VersionString())
