package gantt

// colors is how many colors there are for waves.
const colors = 6

// styles are the colors of an image, on light and on dark screens. Text has a contrast
// of at least 4.5 to the page and to windows, and bars, whiskers and overruns have 3, as
// WCAG 2.1 asks (1.4.3 and 1.4.11). Windows and lines are fainter, since they lie behind.
// There are no custom properties, which not all programs that convert SVG know.
const styles = `#ID text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;fill:#1b2027}
#ID .title{font-weight:600}
#ID .strong{font-weight:600}
#ID .dim{fill:#566069}
#ID .misfit{fill:#b3261e;font-weight:600}
#ID .page{fill:#ffffff}
#ID .window{fill:#e9f0f9}
#ID .key{stroke:#8a97a6;stroke-width:.75}
#ID .row{fill:#1b2027;fill-opacity:0}
#ID .batch:hover .row{fill-opacity:.07}
#ID .grid{stroke:#1b2027;stroke-opacity:.09;stroke-width:1}
#ID .week{stroke-opacity:.1}
#ID .month{stroke-opacity:.2}
#ID .w0 .fill{fill:#2f6fd0}
#ID .w1 .fill{fill:#b35c00}
#ID .w2 .fill{fill:#0f7d70}
#ID .w3 .fill{fill:#8a4fd3}
#ID .w4 .fill{fill:#6d7015}
#ID .w5 .fill{fill:#5b6673}
#ID .late{fill-opacity:.4}
#ID .whisker{fill:none;stroke:#1b2027;stroke-width:1.25}
#ID .halo{fill:none;stroke:#ffffff;stroke-width:3.5}
#ID .over{fill:url(#ID-hatch);stroke:#b3261e;stroke-width:1}
#ID .over-gap{fill:#ffffff}
#ID .over-line{fill:#d0362d}
@media (prefers-color-scheme:dark){
#ID text{fill:#e8ecf1}
#ID .dim{fill:#a3adb8}
#ID .misfit{fill:#ff8f87}
#ID .page{fill:#14181d}
#ID .window{fill:#1e2833}
#ID .key{stroke:#6c7884}
#ID .row{fill:#e8ecf1}
#ID .grid{stroke:#e8ecf1}
#ID .w0 .fill{fill:#5f9df5}
#ID .w1 .fill{fill:#e8943d}
#ID .w2 .fill{fill:#3fb8a6}
#ID .w3 .fill{fill:#b893f5}
#ID .w4 .fill{fill:#b9bd4f}
#ID .w5 .fill{fill:#95a1ae}
#ID .whisker{stroke:#f4f6f8}
#ID .halo{stroke:#14181d}
#ID .over{stroke:#ff8f87}
#ID .over-gap{fill:#14181d}
#ID .over-line{fill:#f0655b}
}
`
