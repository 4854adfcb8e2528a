import sys, time
import numpy
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkMultiThreader, vtkSMPTools, vtkVersion
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkImagingCore import vtkImageReslice

threads = int(sys.argv[1])
vtkSMPTools.Initialize(threads)
vtkMultiThreader.SetGlobalDefaultNumberOfThreads(threads)
numbers = [float(word) for word in sys.argv[2:]]
ni, nj, nk = (int(n) for n in numbers[:3])
spacing, origin, right, down = (numbers[3 + 3 * n:6 + 3 * n] for n in range(4))
size, pixel, layers, step = int(numbers[15]), numbers[16], int(numbers[17]), numbers[18]
outside = -32768
square = lambda n: (numpy.arange(n, dtype=numpy.int32) % 64 - 32) ** 2
flat = square(nj)[:, None] + square(ni)[None, :]
ramp = numpy.arange(ni, dtype=numpy.int32)[None, :] + 2 * numpy.arange(nj, dtype=numpy.int32)[:, None]
values = numpy.empty((nk, nj, ni), numpy.int16)
for k in range(nk):
    values[k] = (ramp + 3 * k) // 4 + numpy.where(flat + square(nk)[k] < 400, 400, 0)
data = vtkImageData()
data.SetDimensions(ni, nj, nk)
data.SetSpacing(*spacing)
data.GetPointData().SetScalars(numpy_to_vtk(values.ravel()))
best = float("inf")
begin, runs = time.perf_counter(), 0
while runs < 9 or time.perf_counter() - begin < 0.5:
    runs += 1
    reslice = vtkImageReslice()
    reslice.SetInputData(data)
    reslice.SetResliceAxesDirectionCosines(right, down, numpy.cross(right, down))
    reslice.SetResliceAxesOrigin(*origin)
    reslice.SetInterpolationModeToLinear()
    reslice.SetBackgroundLevel(outside)
    reslice.SetOutputExtent(0, size - 1, 0, size - 1, 0, 0)
    reslice.SetOutputOrigin(0, 0, 0)
    reslice.SetOutputSpacing(pixel, pixel, step)
    reslice.SetSlabModeToMax()
    reslice.SetSlabNumberOfSlices(layers)
    reslice.SetNumberOfThreads(threads)
    start = time.perf_counter()
    reslice.Update()
    best = min(best, time.perf_counter() - start)
pixels = vtk_to_numpy(reslice.GetOutput().GetPointData().GetScalars())
print("prosector-peer", 1e3 * best, pixels[pixels != outside].mean(dtype=numpy.float64), vtkVersion.GetVTKVersion())
