package csvio_test

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/csvio"
)

// A batch file that somebody has edited by hand: the service would reject it for a row,
// and fail another one.
func ExampleValidate() {
	file := `EmailAddress,Password,ForceChangePassword
pilarp@contoso.com,Pa$$w0rd,False
tobyn@contoso.com,Pa$$w0rd
annb@contoso.com,secret,False
`
	v, err := csvio.Validate(strings.NewReader(file), &csvio.ValidateOptions{File: "Pilot001.csv"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Rows, "rows, accepted:", v.Accepted)
	for _, f := range v.FileErrors {
		fmt.Printf("file: %s: %s\n", f.Source, f.Message)
	}
	for _, f := range v.RowErrors {
		fmt.Printf("row: %s:%d: %s: %s\n", f.Source, f.Column, f.Subject, f.Message)
	}
	// Output:
	// 3 rows, accepted: false
	// file: Pilot001.csv:3: Row 2 has 2 cells, the header 3.
	// row: Pilot001.csv:4:18: annb@contoso.com: The password has 6 characters, fewer than 8.
}
