// SPDX-License-Identifier: MPL-2.0

package constraint

import (
	"fmt"
	"regexp"
	"strings"
)

// matcher checks whether a whole text matches one of the model's patterns.
type matcher struct {
	takes   *regexp.Regexp
	refuses *regexp.Regexp // nil for nothing
}

func (m matcher) match(text string) bool {
	return m.takes.MatchString(text) && (m.refuses == nil || !m.refuses.MatchString(text))
}

// translations are the patterns that Go's regular expressions cannot express. Each pair is a pattern that the whole text must match, and
// one that it must not match. They replace look-aheads and look-behinds, classes that differ between Java and Go, and characters beyond the
// four digits of \u.
var translations = map[string][2]string{
	`[^\s]+`:                      {`[^\t-\r ]+`},
	`((?!^\d+$)^[0-9a-zA-Z-_]+$)`: {`[0-9a-zA-Z-_]+`, `\d+`},
	`(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)`: {`[_a-zA-Z0-9][^$]*`, `system\.(?s:.*)`},
	`^(?!\s*$).+`:              {`.+`, `[\t-\r ]*`},
	`[0-9A-Za-z\.\-_]*(?<!\.)`: {`[0-9A-Za-z.\-_]*`, `(?s:.*)\.`},
	`^(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)$`: {
		`[/.\-_A-Za-z0-9].*|\$(\.[\w_-]+(\[(\d+|\*)\])*)*`, `aws\.(?s:.*)`},
	`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`: {
		`[\t\n\r -~\x{85}\x{A0}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]+`},
}

// escape matches a Java escape of a character: four hexadecimal digits after \u.
var escape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// compile returns a matcher for a pattern of the model.
func compile(pattern string) (matcher, error) {
	words, translated := translations[pattern]
	if !translated {
		words = [2]string{escape.ReplaceAllString(pattern, `\x{$1}`)}
	}
	var m matcher
	var err error
	if m.takes, err = whole(words[0]); err == nil && words[1] != "" {
		m.refuses, err = whole(words[1])
	}
	return m, err
}

// whole compiles a pattern that must match a text from its first character to its last.
func whole(pattern string) (*regexp.Regexp, error) {
	compiled, err := regexp.Compile(`\A(?:` + dots(pattern) + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", pattern, err)
	}
	return compiled, nil
}

// noLineEnd is Java's dot, which excludes more line ends than Go's.
const noLineEnd = `[^\n\r\x{85}\x{2028}\x{2029}]`

// dots replaces the dots that mean "any character" with noLineEnd.
func dots(pattern string) string {
	var b strings.Builder
	class, escaped, group := false, false, ""
	for _, c := range pattern {
		group += string(c)
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '[' && !class:
			class = true
		case c == ']':
			class = false
		case c == '.' && !class && !strings.HasSuffix(group, "(?s:."):
			b.WriteString(noLineEnd)
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}
