### What the panels say that stands in no table of the program.

language-only-in-english = English is what remains

form-back = Back
form-run = Run
form-run-help = Run it ({ $keys })
form-cancel = Cancel
form-more = More settings
form-optional = { $name } (optional)
form-missing = { $name } is missing

field-automatic = automatic
field-all = all
field-none = none
field-choose = choose
field-choose-kind = choose { $kind }
field-no-such-object = The case holds no such object: { $kind } is needed
field-give-value = Give a value
field-range = { $low } to { $high }
field-slider = { $name } as a slider
field-browse = Browse…
field-entries = { $count ->
    [one] 1 entry, written by the window or a script
   *[other] { $count } entries, written by the window or a script
}
field-points = { $count ->
    [0] none yet
    [one] 1 point
   *[other] { $count } points
}
field-add-crosshair = Add the crosshair
field-take-last = Take the last one away
field-from-crosshair = From the crosshair
field-not-set = not set
field-set = Set
field-clear = Automatic

step-done-scans = { $count ->
    [one] 1 scan
   *[other] { $count } scans
}
step-done-segments = { $count ->
    [one] 1 segment
   *[other] { $count } segments
}
step-done-meshes = { $count ->
    [one] 1 mesh
   *[other] { $count } meshes
}
step-done-plans = { $count ->
    [one] one plan
   *[other] { $count } plans
}
step-done-results = { $count ->
    [one] 1 result
   *[other] { $count } results
}
step-more-organs = More organs
step-more-tools = More tools
step-brain = Brain of a T1 MR

tile-done = Done. Click to see it, right-click to run it again.
tile-running = Running.

palette-hint = What do you want to do?
palette-nothing = Nothing has this name.

bar-undo = Undo { $step }
bar-redo = Redo { $step }
bar-nothing-to-undo = Nothing to undo
bar-nothing-to-redo = Nothing to redo
bar-save = Save case
bar-save-unsaved = Save case (there are unsaved changes)
bar-find = Find a command
bar-untitled = Untitled case

window-automatic = Automatic
window-full-range = Full range

job-cancel = Cancel this job
job-end = End as soon as possible (a heart beat after its cycle) and keep what there is
job-go-on = Let this job go on
job-wait = Let this job wait
job-paused = paused
job-ending = ending…
job-left = { $time } left

walk-tubes = Show the tubes of the lines; they hide the wall
scenes-this-case = This case
scenes-link = Turn both views together
scenes-unlink = Both views turn together. Click: each by itself
scenes-shows = What this view shows
scenes-everything = Everything
scenes-volume = Rendered volume
scenes-only-selected = Only the selected object
scenes-end-compare = End the comparison

compare-title = Compare with…
compare-about = The second 3D view shows the other side, from the same place; a table says in what the two differ.
compare-states = States of this case
compare-no-states = There is no other state yet: nothing was done.
compare-file = Another case file…
compare-cancel = Cancel
compare-after = After: { $step }
compare-heading = Comparison
compare-loading = The other case is being read and compared
compare-counts = { $left } only left, { $right } only right, { $changed } changed, { $same } the same
compare-hide-same = Hide what is the same
compare-slices = Slices of both
compare-scenes = 3D of both
compare-nothing = Both sides are the same.
compare-object = Object
compare-difference = Difference
compare-overlap = Overlap (Dice)
compare-left-only = only left
compare-right-only = only right
compare-changed = changed
compare-same = the same
vectors = Vectors
vectors-streamlines = Streamlines
vectors-arrows = Arrows
vectors-arrows-help = Length is the magnitude; colour too, where this legend is that of the magnitude
vectors-count-help = How many arrows, at most; spread evenly
not-valid-here = not valid here
volume-preparing = Preparing the volume…
picture-slice = Slice view
picture-curved = View along a vessel
picture-views = All views
picture-scroll = Film through the slices
picture-times = Film through time
picture-no-slice = No slice view is shown
picture-no-curved = The view along a vessel is not shown
picture-no-views = No slice view is shown
picture-no-times = There is one scan of this grid; a film through time needs two
picture-webp-help = Without loss and smaller than PNG; browsers and slide programs show it
picture-of-slices = { " " }of { $count } slices
picture-of-times = { " " }of { $count } points in time
picture-operation = Film of an operation
picture-load = Film of a deformation
picture-beat = Film of a beat
picture-no-operation = Show the result of an operation first; its tetrahedral mesh must still be there
picture-no-load = Show a deformed organ first
picture-no-beat = Show pulsating flow of which moments were kept first
picture-of-load = , from rest to its load and back, interpolated
picture-of-time = { " " }of { $time }
picture-as-long = as long as it took
picture-as-long-help = At the speed it had; half a second to a minute
picture-moment-operation = { $time } s · largest force of a hand { $force } N
picture-moment-load = { $percent } % of the way to full load, interpolated
picture-moment-load-end = { $percent } % of the way to full load, interpolated; colours are those of full load
picture-moment-beat = { $time } s of { $of } s · between { $moments } computed moments interpolated
picture-simulation-gone = what was to be filmed is not shown any more; show it and try again
picture-simulation-broke = the film was given up: the simulation broke off; take it again
picture-left = what was to be pictured is no longer on the screen; show it and try again
picture-too-large = this graphics adapter cannot draw the 3D view in a picture of that size; choose a smaller one
window-found = automatic
keep-slice = Keep slice as key image
editor-keys = Keys 1 to 8 choose them in this order.
