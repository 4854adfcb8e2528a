import sys, time
import numpy
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkSMPTools, vtkVersion
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D, vtkSurfaceNets3D

vtkSMPTools.Initialize(int(sys.argv[1]))
job = sys.argv[2]
ni, nj, nk = (int(n) for n in sys.argv[3:6])
spacing = [float(h) for h in sys.argv[6:9]]
edge, radius, count = (int(n) for n in sys.argv[9:12])
place = [numpy.arange(n, dtype=numpy.int32) for n in (nk, nj, ni)]
square = [(p % edge - edge // 2) ** 2 for p in place]
labels = numpy.zeros((nk + 2, nj + 2, ni + 2), numpy.uint8)
for k in range(nk):
    inside = square[0][k] + square[1][:, None] + square[2][None, :] < radius * radius
    cell = k // edge * 16 + place[1][:, None] // edge * 4 + place[2][None, :] // edge
    labels[k + 1, 1:-1, 1:-1] = numpy.where(inside, 1 + cell % count if job == "nets" else 1, 0)
data = vtkImageData()
data.SetDimensions(*labels.shape[::-1])
data.SetSpacing(*spacing)
data.GetPointData().SetScalars(numpy_to_vtk(labels.ravel()))
best = float("inf")
for _ in range(3):
    if job == "nets":
        sheet = vtkSurfaceNets3D()
        sheet.GenerateLabels(count, 1, count)
        sheet.SetOutputMeshTypeToTriangles()
        sheet.SmoothingOn()
        sheet.SetNumberOfIterations(16)
    else:
        sheet = vtkFlyingEdges3D()
        sheet.SetValue(0, 0.5)
        sheet.ComputeNormalsOff()
        sheet.ComputeGradientsOff()
        sheet.ComputeScalarsOff()
    sheet.SetInputData(data)
    start = time.perf_counter()
    sheet.Update()
    best = min(best, time.perf_counter() - start)
print("prosector-peer", best, sheet.GetOutput().GetNumberOfPolys(), vtkVersion.GetVTKVersion())
