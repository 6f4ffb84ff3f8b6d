package control

import "strings"

// deviceName turns a User-Agent into what its owner would call the device: "Firefox,
// Windows". Of what is not known it keeps nothing: the header is a stranger's text.
func deviceName(agent string) string {
	first := func(table [][2]string) string {
		for _, row := range table {
			if strings.Contains(agent, row[0]) {
				return row[1]
			}
		}
		return ""
	}
	// More special names first: every Chromium says Chrome, and Chrome says Safari.
	program := first([][2]string{
		{"YaBrowser/", "Yandex Browser"},
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"okhttp/", "App"},
		{"CFNetwork/", "App"},
	})
	system := first([][2]string{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"Mac OS X", "Mac"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
	})
	switch {
	case program == "":
		return system
	case system == "":
		return program
	}
	return program + ", " + system
}
