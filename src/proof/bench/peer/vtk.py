import sys, time
import numpy, SimpleITK
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkSMPTools, vtkVersion
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

vtkSMPTools.Initialize(int(sys.argv[1]))
SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
image = SimpleITK.ReadImage(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(sys.argv[2]))
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
