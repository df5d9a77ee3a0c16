// SPDX-License-Identifier: MPL-2.0

package tryout

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// topicName is the SNS topic that the chain of main.tf notifies, and mailFile the file in the folder with the mails that it sends.
const (
	topicName = "on-call"
	mailFile  = "notices.txt"
)

// zoneLine is the line of main.tf after which the topic is named.
var zoneLine = regexp.MustCompile(`(?m)^  timezone *= .*\n`)

// withTopic returns a configuration with a topic, which its chain notifies of how runs end.
func withTopic(config []byte, topic string) []byte {
	return zoneLine.ReplaceAll(config, fmt.Appendf(nil, "${0}\n  # The sandbox writes what this topic gets into %s.\n  alarm_actions = [%q]\n"+
		"  notify_on     = [\"failure\", \"recovered\"]\n", mailFile, topic))
}

// showMails writes the mails of the topic into the file that have come since the last time, and shows their subjects.
func (h *hub) showMails() (err error) {
	all := h.sandbox.Cloud.SNS().Messages(h.topic)
	if len(all) == h.mails {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(h.folder.dir, mailFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, file.Close()) }()
	for _, m := range all[h.mails:] {
		now := time.Now().Format(time.TimeOnly)
		if _, err := fmt.Fprintf(file, "%s  %s\n\n%s\n\n", now, m.Subject, cmp.Or(m.Of["email"], m.Default)); err != nil {
			return err
		}
		fmt.Fprintf(h.out, "%s  Mail: %s\n", now, m.Subject)
		h.mails++
	}
	return nil
}
