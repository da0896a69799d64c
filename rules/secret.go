package rules

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is text that must not be seen, such as the password in a batch file: it prints
// as [redacted] under every verb of fmt, in JSON, as text and in slog, and not at all
// inside an unexported field, where fmt calls no methods. The zero Secret is empty.
type Secret struct {
	text func() string // a func hides its text from printers that look into fields
}

const redacted = "[redacted]"

// NewSecret returns the Secret of a text.
func NewSecret(text string) Secret { return Secret{func() string { return text }} }

// Reveal returns the text. It belongs in no message, log or report.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return s.text()
}

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// Format prints "[redacted]" under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns "[redacted]", and so does encoding/json.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
