### What dialogs, the welcome page and the tour say.

about-version = Version { $version }
about-what = Plan an operation on the patient's digital twin: from a CT to segments, meshes, tissue and flow.
purpose-sentence = Research and education, not for clinical decisions.
about-made-of = Made of
about-graphics = Graphics: { $adapter }
about-licence = prosector itself: MIT or Apache 2.0, as you like.
word-close = Close
unsaved-title = Save the changes first?
unsaved-text = The case has changes that are not saved. Without saving they are lost.
word-save = Save
unsaved-go-on = Go on without saving
word-cancel = Cancel
lost-title = Bring back what was not saved?
lost-text = The program ended before the work below was saved. Its steps were written down and can be done again.
lost-recover = Recover
lost-discard = Discard
lost-discard-help = Forget these steps for good
lost-later = Later
lost-later-help = Whatever is left is asked for again at the next start.
lost-steps = { $steps ->
    [one] 1 step
   *[other] { $steps } steps
} on { $case }
lost-steps-new = { $steps ->
    [one] 1 step
   *[other] { $steps } steps
} on a new case
lost-last = the last: { $step }
ago-now = just now
ago-yesterday = yesterday
ago-minutes = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] 1 day ago
   *[other] { $count } days ago
}
ago-months = { $count ->
    [one] 1 month ago
   *[other] { $count } months ago
}
ago-years = { $count ->
    [one] 1 year ago
   *[other] { $count } years ago
}
settings-title = Settings
settings-interface = Interface
settings-size = Size of everything
settings-dark = dark
settings-light = light
settings-system = as the system
settings-colours-help = Slices and the 3D view stay dark: pictures are read on a dark ground.
settings-colours = Colours
settings-left = Panels at the left
settings-right = Panels at the right
settings-bottom = Panels below the views
settings-mouse = Mouse
settings-habits-help = Radiology: left is the chosen tool, the window at first. Slicer: left is the crosshair at first, Ctrl+left sets the window from a region, Shift+left pans.
settings-habits = Habits
settings-brightens = brightens
settings-darkens = darkens
settings-up-help = What dragging up does while the window is changed. OHIF brightens, 3D Slicer darkens.
settings-up = Dragging up
settings-goes-on = goes on
settings-goes-back = goes back
settings-wheel-help = Which way the wheel goes through slices, and whether it comes nearer or goes away in the 3D view.
settings-wheel = Wheel away from you
settings-keys = Keys
settings-keys-usual = All keys are the usual ones.
settings-keys-other = { $count ->
    [one] One action has other keys.
   *[other] { $count } actions have other keys.
}
settings-keys-change = Change keys…
settings-recent = Recent cases
settings-recent-count = { $count } in the list; names of files only, kept on this computer.
settings-forget-all = Forget all
keys-title = Keys and mouse
keys-hint = Find an action or a key
keys-usual = Usual keys for all
keys-help = Click on a key to change it. Right-click for the usual one.
keys-belongs = { $key } belongs to “{ $owner }”.
keys-give = Give it to “{ $action }”
keys-leave = Leave it
keys-press = Press the new key for “{ $action }”, Escape for none of it.
keys-another = { $reason }; press another.
word-or = or
keys-waiting = press a key…
keys-of = Keys of { $action }: { $keys }
keys-none = none
keys-the-usual = The usual key
keys-no = No key
keys-mouse = Mouse and touch
keys-keypad = Keypad { $digit }
keys-escape = Escape always leaves what is open
keys-enter = Enter always accepts
keys-tab = Tab always goes to the next field
hint-radiology = Left drag window · middle drag pan · right drag zoom · wheel slices · click crosshair
hint-slicer = Left drag crosshair · Shift+left drag pan · right drag zoom · wheel slices
welcome-drop = Let go to open it
welcome-title = Begin with a patient
welcome-what = From the scan to segments, models, tissue and flow.
welcome-back = Back to the case
welcome-own = Your own data
welcome-folder = Open a folder
welcome-folder-help = CT or MR as DICOM
welcome-file = Open a file
welcome-file-help = Case, NIfTI, NRRD, mesh
welcome-bundled = Bundled cases
welcome-chest = Sample chest CT
welcome-chest-help = A real scan, 236 slices
welcome-phantom = Make a phantom
welcome-phantom-help = An abdomen of known truth
welcome-phantoms = Other phantoms
welcome-or-drop = or drop a folder or file anywhere in the window
recent-title = Recent
recent-hidden = Hidden during a lecture.
recent-none = Cases and scans you open will be listed here.
recent-none-help = The list stays on this computer and can be emptied in the settings.
recent-open = Open recent { $name }
recent-missing = Recent { $name }, not there any more
recent-gone = not there any more
recent-forget = Take from the list
tour-leave = Leave the tour
tour-place = { $step } of { $all }
tour-finish = Finish
tour-next = Next
tour-done = Done
tour-skip = Skip this step
tour-back = Back
tour-offer = New here?
tour-offer-text = A tour of five minutes shows how to look through a scan, segment it and turn what was found.
tour-start = Start the tour
tour-not-now = Not now
tour-stays = It stays in the Help menu.
picture-title = Picture or film
picture-no-flow = There is no flow to show
picture-no-walk = Walk through a vessel first (View menu)
picture-no-scene = The 3D view is not shown
picture-texts = Texts
picture-texts-what = letters, scale bar, legends
picture-avi = AVI has no transparency: the ground will be black.
picture-save = Save…
picture-size = Size
picture-print = print
picture-dpi = 300 dots per inch
unit-mm-wide = mm wide
picture-per-second = pictures/s
picture-at = at
picture-frames = , { $count } pictures
picture-most = ; the most this program draws, { $dots } dots per inch
picture-pixels = { $width } × { $height } pixels
picture-ground = Ground
picture-lasts = Lasts
picture-turns = Turns
picture-stored = Stored as
picture-png = PNG series
picture-window = Everything in the window as it is shown, names of patients included.
picture-scene = 3D view
picture-turntable = Turntable film
picture-flow = Film of the flow
picture-walk = Walk-through film
picture-whole = Whole window
files-title-select-directory = Select folder
files-title-select-file = Open file
files-title-select-multiple = Select several
files-title-save-file = Save file
files-cancel = Cancel
files-overwrite = Overwrite
files-reload = Reload
files-working-directory = Go to the working folder
files-select-all = Select all
files-show-hidden = Show hidden
files-show-system-files = Show system files
files-heading-pinned = Pinned
files-heading-places = Places
files-heading-devices = Devices
files-heading-removable-devices = Removable devices
files-home-dir = Home
files-desktop-dir = Desktop
files-documents-dir = Documents
files-downloads-dir = Downloads
files-audio-dir = Audio
files-pictures-dir = Pictures
files-videos-dir = Videos
files-pin-folder = Pin
files-unpin-folder = Unpin
files-rename-pinned-folder = Rename
files-selected-directory = Selected folder
files-selected-file = Selected file
files-selected-items = Selected items
files-file-name = File name
files-file-filter-all-files = All files
files-save-extension-any = Any
files-open-button = Open
files-save-button = Save
files-cancel-button = Cancel
files-overwrite-file-modal-text = already exists. Overwrite it?
files-err-empty-folder-name = The folder needs a name
files-err-empty-file-name = The file needs a name
files-err-directory-exists = There is a folder of this name
files-err-file-exists = There is a file of this name

adapter-memory-full = The memory of the graphics adapter was full. This is a new window: volumes are drawn more coarsely, and nothing of the case is lost.
adapter-was-lost = The graphics adapter failed. This is a new window; nothing of the case is lost.
