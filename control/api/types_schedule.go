package api

import "time"

// Schedule is when a doctor can be booked, in the clinic's local time.
type Schedule struct {
	PractitionerID string `json:"practitionerId"`
	Version        uint64 `json:"version" doc:"Send it as If-Match; 0 when no hours were ever set"`
	ScheduleUpdate
}

// ScheduleUpdate replaces a doctor's hours.
type ScheduleUpdate struct {
	Weekly       []HoursRule      `json:"weekly" nullable:"false" maxItems:"50"`
	Exceptions   []HoursException `json:"exceptions" nullable:"false" maxItems:"200" doc:"Days on which other hours hold; the last that covers a day counts"`
	StepMin      int              `json:"stepMin" enum:"5,10,15,20,30,60" doc:"Minutes between the beginnings of slots"`
	BufferMin    int              `json:"bufferMin" minimum:"0" maximum:"240" doc:"Minutes kept free between two visits"`
	MinNoticeMin int              `json:"minNoticeMin" minimum:"0" maximum:"43200" doc:"How long before a patient must ask"`
	HorizonDays  int              `json:"horizonDays" minimum:"1" maximum:"366" doc:"How many days ahead can be booked"`
	MaxPerDay    int              `json:"maxPerDay" minimum:"0" maximum:"200" doc:"Visits a day; 0 for no bound"`
}

// HoursWindow is a part of a day on the wall.
type HoursWindow struct {
	From string `json:"from" pattern:"^[0-2][0-9]:[0-5][0-9]$" example:"09:00"`
	To   string `json:"to" pattern:"^[0-2][0-9]:[0-5][0-9]$" example:"13:00" doc:"Exclusive; 24:00 is the end of the day"`
}

// HoursRule makes a window on some days of the week.
type HoursRule struct {
	HoursWindow
	Days  []string `json:"days" nullable:"false" minItems:"1" maxItems:"7" enum:"mon,tue,wed,thu,fri,sat,sun"`
	Since string   `json:"since,omitempty" format:"date" doc:"First day"`
	Until string   `json:"until,omitempty" format:"date" doc:"Last day"`
}

// HoursException replaces the hours of some days; without windows it is time off.
type HoursException struct {
	First   string        `json:"first" format:"date"`
	Last    string        `json:"last" format:"date"`
	Windows []HoursWindow `json:"windows" nullable:"false" maxItems:"10"`
}

// Slot is a free time with a doctor.
type Slot struct {
	PractitionerID string    `json:"practitionerId"`
	Start          time.Time `json:"start"`
	End            time.Time `json:"end"`
}

// SlotList is what is free.
type SlotList struct {
	Zone  string `json:"zone" doc:"The clinic's time zone"`
	Items []Slot `json:"items" nullable:"false"`
}
