// Command bootstrap is what AWS Lambda runs for one task chain: it takes the events of Qlik Cloud's webhook and starts the reloads
// that come next, and it shows the chain to whoever asks for it.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	s, err := readSettings(os.Getenv)
	if err != nil {
		log.Error("start", "outcome", "error", "reason", err.Error())
		os.Exit(1)
	}
	lambda.StartWithOptions(newHandler(s, ssm.NewFromConfig(s.aws), time.Now, log))
}
