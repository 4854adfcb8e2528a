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
