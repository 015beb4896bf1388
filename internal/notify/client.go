package notify

import (
	"github.com/wneessen/go-mail"

	"splameter/internal/config"
)

// Client is a connection to the mail server of the config, not yet dialled,
// for those who send other things than notices.
func Client(cfg config.Mail) (*mail.Client, error) { return (&Mail{cfg: cfg}).client() }

// Explain says what to do about an error of that server which a person can
// correct.
func Explain(cfg config.Mail, err error) error { return (&Mail{cfg: cfg}).explain(err) }
