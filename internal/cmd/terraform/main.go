// Command terraform prints the path of the terraform binary to test with, after fetching one into .cache if there is none.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
)

func main() {
	dir, err := filepath.Abs(".cache")
	if err == nil {
		var path string
		if path, err = terraform.Find(context.Background(), dir, 3*time.Minute); err == nil {
			fmt.Println(path)
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
