module github.com/staged-migration/staged

go 1.26.0

require (
	github.com/arran4/golang-ical v0.3.4
	github.com/gocarina/gocsv v0.0.0-20240520201108-78e41c74b4b1
	github.com/google/go-cmp v0.7.0
	github.com/jszwec/csvutil v1.10.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/text v0.43.0
	golang.org/x/tools v0.52.0
	pgregory.net/rapid v1.3.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
