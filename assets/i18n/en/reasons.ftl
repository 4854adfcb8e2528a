### Why something cannot be done now, and what the narrow window and running files say.

why-no-case = There is nothing in the case yet
why-no-scan = There is no scan; open one first
why-no-tool = This version of the program cannot do it
why-no-scene = The 3D view is not on the screen
why-one-scene = Two 3D views must be on the screen
why-no-comparison = Nothing is being compared
why-no-slice = No slice view is on the screen
why-no-lines = There are no centre lines of vessels or airways; make them from a segmentation first
why-no-way = There is neither a centre line nor an open curve to go along; make centre lines from a segmentation, or draw a polyline or a smooth curve
why-no-mesh = There is no tetrahedral mesh; make one from a segmentation first
why-none-selected = No object is selected
why-operating = An operation is going on; end it first
why-no-operation = No operation is going on
why-circulating = The flow of a tree of vessels is open; close it first
why-no-circulation = The flow of a tree of vessels is not open
why-no-plan = No plan is open
why-no-editor = The segment editor is not open
why-all-shown = All objects are shown
why-none-faint = No object stands out from faint ones
why-no-cut = Nothing is cut
why-walking = A walk has a view of its own; end it first
why-no-crosshair = The views do not point at a place yet
why-one-scan = There is no other scan
why-one-phase = The case has one point in time of this place; several scans on one grid are played
why-not-ct = This window is for CT; the scan is none
why-scan-straight = The axes of the scan are those of the patient already
why-empty-dock = No panel stands there; the menu at the head of a panel moves it

side-left = Left panel
side-right = Right panel
side-bottom = Panel below the views

view-as-scan = Axes of the scan
view-as-scan-help = The views are turned to the axes of the scan: every slice goes through centres of voxels. Click: back to the patient's axes

volume-facing-me = Facing me
volume-facing-me-help = A plane through the crosshair that cuts away what lies between it and you
volume-no-crosshair = The views do not point at a place yet

file-cancelling = ending…
file-cancelled = { $what }: cancelled
