package configs

import "testing"

func TestFill(t *testing.T) {
	text, err := Fill(map[string]string{"publicUrl": "https://clinic.example", "data": `C:\data "x"`, "http.listen": ":443", "audit.headFile": "/mnt/heads"})
	if err != nil {
		t.Fatal(err)
	}
	var cfg Config
	if err := parse([]byte(text), &cfg); err != nil {
		t.Fatal(err)
	}
	if cfg.PublicURL != "https://clinic.example" || cfg.Data != `C:\data "x"` || cfg.HTTP.Listen != ":443" || cfg.Audit.HeadFile != "/mnt/heads" {
		t.Errorf("got %+v", cfg)
	}
	if same, err := Fill(nil); err != nil || same != Example {
		t.Error("filling nothing changes the file")
	}
	if _, err := Fill(map[string]string{"listen": "x"}); err == nil {
		t.Error("an unknown key was filled")
	}
}
