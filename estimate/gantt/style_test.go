package gantt_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// luminance is the relative luminance of #rrggbb, as WCAG 2.1 defines it.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	require.Len(t, color, 7)
	sum := 0.0
	for i, part := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += part * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Text can be read and marks can be told from what is behind them, in both modes, as
// WCAG 2.1 asks: 4.5 for text (1.4.3), 3 for graphics (1.4.11).
func TestContrast(t *testing.T) {
	style := parse(t, svg(t, small(t))).all("style")[0].text
	light, dark, found := strings.Cut(style, "@media (prefers-color-scheme:dark){")
	require.True(t, found)
	rule := regexp.MustCompile(`#gantt ([^{]+)\{[^}]*?(fill|stroke):(#[0-9a-f]{6})`)
	color := make(map[string]string)
	read := func(css string) {
		for _, m := range rule.FindAllStringSubmatch(css, -1) {
			color[m[1]] = m[3]
		}
	}
	read(light)
	both := len(color)
	for _, mode := range []string{"light", "dark"} {
		if mode == "dark" {
			read(dark)
			require.Len(t, color, both, "dark colors of what has none in light")
		}
		for _, behind := range []string{color[".page"], color[".window"]} {
			for _, text := range []string{"text", ".dim", ".misfit"} {
				require.GreaterOrEqual(t, contrast(t, color[text], behind), 4.5, "%s: %s", mode, text)
			}
			for _, mark := range []string{".w0 .fill", ".w1 .fill", ".w2 .fill", ".w3 .fill", ".w4 .fill", ".w5 .fill", ".whisker", ".over-line"} {
				require.GreaterOrEqual(t, contrast(t, color[mark], behind), 3.0, "%s: %s", mode, mark)
			}
		}
		require.GreaterOrEqual(t, contrast(t, color[".whisker"], color[".halo"]), 3.0, "on bars a whisker has a rim")
	}
	require.NotContains(t, style, "var(", "which not all programs that convert SVG know")
}
