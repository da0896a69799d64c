package csvio

import "github.com/staged-migration/staged/rules"

// Secret is text that must not be seen; see [rules.Secret]. [WriteBatch] writes it out.
type Secret = rules.Secret

// NewSecret returns the Secret of a text.
func NewSecret(text string) Secret { return rules.NewSecret(text) }
