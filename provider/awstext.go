// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// awsText is the strictest rule of all AWS services that receive a text. TestRulesAgainstAWS compares each rule with AWS's own models.
type awsText struct {
	min, max int            // characters
	char     *regexp.Regexp // what each character has to match; nil for any
	chars    string         // the same in words
	strict   string         // the service that refuses the rest
}

// These constants describe the characters of a tag, as a pattern and in words.
const (
	tagClass = `[\p{L}\p{Z}\p{N}_.:/=+\-@]`
	tagChars = "letters, digits, spaces and _.:/=+-@"
	tagWords = "letters, digits, spaces and `_.:/=+-@`" // the same in Markdown
)

var (
	tagChar = regexp.MustCompile(`^` + tagClass + `$`)

	// Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html. EventBridge Scheduler accepts no
	// empty value.
	tagKey   = awsText{1, 128, tagChar, tagChars, "IAM"}
	tagValue = awsText{1, 256, tagChar, tagChars, "IAM"}

	// rotationText matches a rotation, which becomes the value of a tag.
	rotationText = regexp.MustCompile(`^` + tagClass + `+$`)

	// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
	sessionName = awsText{2, 64, regexp.MustCompile(`^[\w+=,.@-]$`), "letters without accents, digits and _+=,.@-", "STS"}
	externalID  = awsText{2, 1224, regexp.MustCompile(`^[\w+=,.@:/-]$`), "letters without accents, digits and _+=,.@:/-", "STS"}
)

// problem describes what is wrong with a text and how to change it. It is empty for a valid text. what is the text's name in the message.
func (r awsText) problem(what, text string) string {
	n := utf8.RuneCountInString(text)
	switch {
	case n > r.max:
		return fmt.Sprintf("%s is too long: it has %d characters. Use at most %d.", what, n, r.max)
	case n < r.min && r.min == 1:
		return what + " is empty. Use at least one character."
	case n < r.min:
		return fmt.Sprintf("%s is too short: it has %d characters. Use at least %d.", what, n, r.min)
	}
	for _, c := range text {
		if r.char != nil && !r.char.MatchString(string(c)) {
			return fmt.Sprintf("%s holds the character %q, which %s refuses. Use %s only.", what, c, r.strict, r.chars)
		}
	}
	return ""
}

// check is the check of a field.
func (r awsText) check(value any) string { return r.problem("The value", fmt.Sprint(value)) }
