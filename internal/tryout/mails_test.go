// SPDX-License-Identifier: MPL-2.0

package tryout

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sns"
)

// TestMails checks that each mail is shown once, and that the file has its text.
func TestMails(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	var out bytes.Buffer
	h := &hub{sandbox: s, folder: &folder{dir: t.TempDir()}, out: &out, topic: s.Cloud.SNS().AddTopic(topicName)}
	for _, m := range []sns.Message{
		{Subject: "transform failed", Default: "{}", Of: map[string]string{"email": "Chain: nightly"}},
		{Subject: "an alarm", Default: "its text"},
	} {
		if err := s.Cloud.SNS().Send(h.topic, m); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := h.showMails(); err != nil {
				t.Fatal(err)
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(h.folder.dir, mailFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  transform failed\n\nChain: nightly\n", "  an alarm\n\nits text\n"} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("there is not one %q in %s", want, text)
		}
	}
	if got := out.String(); strings.Count(got, "  Mail: transform failed\n") != 1 || strings.Count(got, "  Mail: an alarm\n") != 1 {
		t.Errorf("the sandbox shows %s", got)
	}
}

// TestTheChainHasATopic checks that each main.tf notifies the topic, once.
func TestTheChainHasATopic(t *testing.T) {
	t.Parallel()
	example, err := nightly(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string][]byte{"the example": example, "named apps": []byte(newNight([][]string{{"a"}, {"b"}}, 0).config)} {
		if n := strings.Count(string(withTopic(config, "arn:x")), "\n  alarm_actions = [\"arn:x\"]\n"); n != 1 {
			t.Errorf("%s names the topic %d times", name, n)
		}
	}
}
