// SPDX-License-Identifier: MPL-2.0

package constraint

import (
	"regexp"
	"strings"
	"testing"
)

// patternsOf are all patterns of the document, with how often each occurs.
func patternsOf(t *testing.T) map[string]int {
	t.Helper()
	services, err := load()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	var look func(s *shape)
	look = func(s *shape) {
		if s == nil {
			return
		}
		if s.Pattern != "" {
			found[s.Pattern]++
		}
		for _, field := range s.fields {
			look(field)
		}
		look(s.element)
		look(s.key)
	}
	for _, s := range services {
		for _, o := range s.operations {
			look(o.input)
		}
	}
	return found
}

// TestPatternsCompile: every pattern of the document can be used, and every translation is of one that occurs.
func TestPatternsCompile(t *testing.T) {
	t.Parallel()
	found := patternsOf(t)
	own := 0
	for pattern := range found {
		if _, err := compile(pattern); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
		if _, err := regexp.Compile(pattern); err != nil {
			own++ // Go has no words for it
			if _, translated := translations[pattern]; !translated && !escape.MatchString(pattern) {
				t.Errorf("%s has no translation", pattern)
			}
		}
	}
	for pattern := range translations {
		if found[pattern] == 0 {
			t.Errorf("%s is translated and does not occur", pattern)
		}
	}
	if len(found) != 81 || own != 10 {
		t.Errorf("%d patterns, of which Go does not know %d", len(found), own)
	}
}

// TestTranslations: what the translated patterns take and refuse, by what the model's own words mean.
func TestTranslations(t *testing.T) {
	t.Parallel()
	for pattern, tt := range map[string]struct{ takes, refuses []string }{
		`[^\s]+`:                      {[]string{"bootstrap", "ä.b/c"}, []string{"", "a b", "a\vb", "a\n"}},
		`((?!^\d+$)^[0-9a-zA-Z-_]+$)`: {[]string{"live", "1a", "a1", "-", "1_"}, []string{"", "1", "123", "a.b", "$LATEST"}},
		`(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)`: {
			[]string{"orders", "system", "systemX", "_a b"}, []string{"", "system.", "system.x", "$a", "a$", "-a"},
		},
		`[0-9A-Za-z\.\-_]*(?<!\.)`: {[]string{"", "my.bucket", "a-b_c"}, []string{"bucket.", ".", "a b"}},
		`^(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)$`: {
			[]string{"my.app", "aws", "awsx", "/a b", "$", "$.detail", "$.a[0][*].b-c"},
			[]string{"", "aws.", "aws.s3", " a", "$x", "$.a[x]"},
		},
		`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`: {
			[]string{"arn:aws:iam::aws:policy/a", "ä世\u0085", "😀", "a\tb\r\n"}, []string{"", "\x00", "a\x7f", "\u0090", "\ufffe"}},
		`[\u0009\u000A\u000D\u0020-\u00FF]+`:              {[]string{"{\n\t\"a\": \"ÿ\x7f\"}"}, []string{"", "Ā", "\x0b"}},
		`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`: {[]string{"", "What it does: ä"}, []string{"\x7f", "a\u00a0b", "€"}},
		`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`:         {[]string{"/", "/a/", "/a/b!~/"}, []string{"", "a", "/a", "a/", "/a b/", "/ä/"}},
		`[\u0020-\u00FF]+`:                                {[]string{"marker"}, []string{"", "\n"}},
		`^[a-zA-Z0-9-_]+$`:                                {[]string{"release-1_a"}, []string{"release-20261130T052024.174", "", "a\n"}},
		`^[0-9a-zA-Z-_.]+$`:                               {[]string{"release-20261130T052024.174"}, []string{"a b", ""}},
		`(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()`: {
			[]string{"", "arn:aws:kms:x", "arn::kms:"},
			[]string{"key", "xarn:aws:kms:x", "arn:aws:kms:a\nb", "arn:aws:kms:a\rb", "arn:aws:kms:a\u2028b"},
		},
		`tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType`: {[]string{"Name", "tag:x"}, []string{"Names", "tag:", "xName"}},
		`$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|` +
			`arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)`: {
			[]string{"", "arn:aws:sqs:eu-central-1:123456789012:dead", "kafka://topic"}, []string{"dead", "arn:aws:sqs", "kafka://.a"}},
	} {
		if patternsOf(t)[pattern] == 0 {
			t.Errorf("%s does not occur", pattern)
		}
		m, err := compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range tt.takes {
			if !m.match(text) {
				t.Errorf("%s refuses %q", pattern, text)
			}
		}
		for _, text := range tt.refuses {
			if m.match(text) {
				t.Errorf("%s takes %q", pattern, text)
			}
		}
	}
}

// TestExceptions: what AWS takes although its model does not.
func TestExceptions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		scope, operation, member, value string
		taken                           bool
	}{
		{"scheduler", "CreateSchedule", "Target.RoleArn", "arn:aws-us-gov:iam::123456789012:role/timer", true},
		{"scheduler", "CreateSchedule", "Target.RoleArn", "arn:aws-cn:iam::123456789012:role/timer", true},
		{"scheduler", "CreateSchedule", "Target.RoleArn", "arn:aws-:iam::123456789012:role/timer", false},
		{"scheduler", "CreateSchedule", "Target.DeadLetterConfig.Arn", "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:dead", true},
		{"scheduler", "TagResource", "ResourceArn", "arn:aws-us-gov:scheduler:us-gov-west-1:123456789012:schedule-group/chain", true},
		{"sqs", "ReceiveMessage", "AttributeNames[]", "SentTimestamp", true},
		{"sqs", "ReceiveMessage", "AttributeNames[]", "Sent", false},
		{"sqs", "GetQueueAttributes", "AttributeNames[]", "SentTimestamp", false},
	} {
		rule, err := RuleOf(tt.scope, tt.operation, tt.member)
		if err != nil {
			t.Fatal(err)
		}
		if broken := rule.Broken(tt.value); (broken == nil) != tt.taken {
			t.Errorf("%s of %s %s: %q: %s", tt.member, tt.scope, tt.operation, tt.value, strings.Join(broken, ", "))
		}
	}
}
