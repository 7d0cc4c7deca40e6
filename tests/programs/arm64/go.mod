module arm64

go 1.18
