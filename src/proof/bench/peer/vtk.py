import sys, time
import numpy, SimpleITK
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkSMPTools, vtkVersion
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

vtkSMPTools.Initialize(int(sys.argv[1]))
SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames
series = max(SimpleITK.ImageSeriesReader.GetGDCMSeriesIDs(sys.argv[2]), key=lambda series: len(names(sys.argv[2], series)))
image = SimpleITK.ReadImage(names(sys.argv[2], series))
mask = (SimpleITK.GetArrayViewFromImage(image) >= float(sys.argv[3])).astype(numpy.uint8)
mask = numpy.pad(mask, 1)
data = vtkImageData()
data.SetDimensions(*mask.shape[::-1])
data.SetSpacing(*image.GetSpacing())
data.GetPointData().SetScalars(numpy_to_vtk(mask.ravel()))
best = float("inf")
for _ in range(3):
    contour = vtkFlyingEdges3D()
    contour.SetInputData(data)
    contour.SetValue(0, 0.5)
    contour.ComputeNormalsOff()
    contour.ComputeGradientsOff()
    contour.ComputeScalarsOff()
    start = time.perf_counter()
    contour.Update()
    best = min(best, time.perf_counter() - start)
print("prosector-peer", best, contour.GetOutput().GetNumberOfPolys(), vtkVersion.GetVTKVersion())
