// SPDX-License-Identifier: MPL-2.0

package execution

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// maxLine is the longest log event in bytes; a longer line becomes several events.
const maxLine = 256 * 1024

// output reads what a process writes to stdout and stderr, line by line.
//
// Both are one pipe, and the sandbox also has its write end. flush writes a mark, which arrives after everything that the process wrote
// before. This way a function's last line is in the log before the line that ends its invocation.
type output struct {
	read, write *os.File
	sink        func(line string)
	done        chan struct{}

	mu    sync.Mutex
	marks map[string]chan struct{}
}

func newOutput(sink func(line string)) (*output, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("opening a pipe for the function's output: %w", err)
	}
	o := &output{read: read, write: write, sink: sink, done: make(chan struct{}), marks: map[string]chan struct{}{}}
	go o.run()
	return o, nil
}

func (o *output) run() {
	defer close(o.done)
	reader := bufio.NewReaderSize(o.read, maxLine)
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return // close has closed the pipe; flush was called before
		}
		o.line(strings.TrimRight(string(line), "\r\n"))
	}
}

func (o *output) line(line string) {
	if mark, marked := strings.CutPrefix(line, "\x00"); marked {
		o.mu.Lock()
		seen := o.marks[mark]
		delete(o.marks, mark)
		o.mu.Unlock()
		if seen != nil {
			close(seen)
			return
		}
	}
	if line != "" {
		o.sink(line)
	}
}

// flush waits until everything written so far has reached the sink.
func (o *output) flush() error {
	mark, seen := rand.Text(), make(chan struct{})
	o.mu.Lock()
	o.marks[mark] = seen
	o.mu.Unlock()
	if _, err := io.WriteString(o.write, "\n\x00"+mark+"\n"); err != nil {
		return fmt.Errorf("flushing the function's output: %w", err)
	}
	select {
	case <-seen:
	case <-o.done:
	}
	return nil
}

// close ends the reading, even if a process still has the pipe open.
func (o *output) close() error {
	err := errors.Join(o.write.Close(), o.read.Close())
	<-o.done
	return err
}
