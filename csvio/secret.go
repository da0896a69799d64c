package csvio

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is text that must not be seen: it prints as [redacted] under every verb
// of fmt, in JSON, as text and in slog. [WriteBatch] alone writes it out.
type Secret struct{ text string }

const redacted = "[redacted]"

// NewSecret returns the Secret of a text.
func NewSecret(text string) Secret { return Secret{text} }

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.text == "" }

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// Format prints "[redacted]" under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns "[redacted]", and so does encoding/json.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
