package inventory

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"

	"splameter/collector/sheet"
	"splameter/internal/safetext"
)

// maxBook is how large a workbook or an archive may be.
const maxBook = 64 << 20

// unfold is the text in a workbook, or in an archive with one file, whose name
// is told.
func unfold(r io.Reader) (text []byte, member string, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBook+1))
	if err != nil {
		return nil, "", err
	}
	if len(data) > maxBook {
		return nil, "", fmt.Errorf("the workbook or archive is larger than %d MiB; save it as CSV, or unpack it", maxBook>>20)
	}
	text, err = sheet.Text(bytes.NewReader(data), int64(len(data)))
	if err != nil || text != nil {
		return text, "", err
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, "", fmt.Errorf("the zip archive is damaged or not whole (%w); copy or make it again", err)
	}
	var only *zip.File
	for _, f := range z.File {
		switch {
		case f.FileInfo().IsDir():
		case only != nil:
			return nil, "", fmt.Errorf("the archive holds several files (%s, %s, …); unpack it, for each inventory has its own day and host", safetext.Brief(only.Name), safetext.Brief(f.Name))
		default:
			only = f
		}
	}
	if only == nil {
		return nil, "", errEmpty
	}
	body, err := only.Open()
	if err != nil {
		return nil, "", fmt.Errorf("the archive does not open %s (%w)", safetext.Brief(only.Name), err)
	}
	defer body.Close()
	text, err = io.ReadAll(io.LimitReader(body, maxText+1))
	if err == nil && len(text) > maxText {
		err = fmt.Errorf("it holds more than %d MiB of text; split the export", maxText>>20)
	}
	return text, only.Name, err
}
