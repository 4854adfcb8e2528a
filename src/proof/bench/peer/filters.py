import sys, time
import numpy, SimpleITK

SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(int(sys.argv[1]))
job = sys.argv[2]
ni, nj, nk = (int(n) for n in sys.argv[3:6])
spacing = [float(h) for h in sys.argv[6:9]]
parameter = float(sys.argv[9])
values = numpy.empty((nk, nj, ni), numpy.int16)
square = lambda n: (numpy.arange(n, dtype=numpy.int32) % 64 - 32) ** 2
flat = square(nj)[:, None] + square(ni)[None, :]
for k in range(nk):
    place = numpy.arange(ni * nj, dtype=numpy.uint32) + numpy.uint32(k * ni * nj)
    noise = place * numpy.uint32(2654435761)
    noise ^= noise >> numpy.uint32(15)
    noise *= numpy.uint32(2246822519)
    noise ^= noise >> numpy.uint32(13)
    noise = (noise % numpy.uint32(101)).astype(numpy.int16).reshape(nj, ni) - 50
    values[k] = numpy.where(flat + square(nk)[k] < 400, 300, -100) + noise
scan = SimpleITK.GetImageFromArray(values)
scan.SetSpacing(spacing)
del values
mask = SimpleITK.BinaryThreshold(scan, 100, 32767, 1, 0)
radius = [round(parameter / h) for h in spacing]
array = SimpleITK.GetArrayViewFromImage
count = lambda image: array(image).sum(dtype=numpy.float64)
squares = lambda image: (array(image).astype(numpy.float64) ** 2).sum()
outside = lambda image: numpy.maximum(array(image), 0).sum(dtype=numpy.float64)
work, check, runs = {
    "gaussian": (lambda: SimpleITK.SmoothingRecursiveGaussian(scan, parameter), squares, 3),
    "median": (lambda: SimpleITK.Median(scan, [1, 1, 1]), squares, 1),
    "threshold": (lambda: SimpleITK.BinaryThreshold(scan, 100, 32767, 1, 0), count, 3),
    "distance": (lambda: SimpleITK.SignedMaurerDistanceMap(mask, False, True, True), outside, 3),
    "signed": (lambda: SimpleITK.SignedMaurerDistanceMap(mask, False, False, True), outside, 3),
    "components": (lambda: SimpleITK.ConnectedComponent(mask, False), lambda image: array(image).max(), 3),
    "closing": (lambda: SimpleITK.BinaryMorphologicalClosing(mask, radius, SimpleITK.sitkBall), count, 1),
}[job]
best = float("inf")
for _ in range(runs):
    start = time.perf_counter()
    image = work()
    best = min(best, time.perf_counter() - start)
print("prosector-peer", best, check(image), SimpleITK.Version.VersionString())
