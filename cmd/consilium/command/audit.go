package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"consilium/control"
)

func newAuditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Verify and export the clinics' audit trails",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newAuditVerifyCommand(), newAuditHeadCommand(), newAuditExportCommand())
	return cmd
}

// verifyRequest asks whether trails are whole.
type verifyRequest struct {
	Clinic string              `json:"clinic,omitempty"` // "" is every clinic
	Heads  []control.AuditHead `json:"heads,omitempty"`
}

// auditState is what was found in one clinic's trail.
type auditState struct {
	Clinic  string `json:"clinic"`
	Good    uint64 `json:"good"` // entries, from the first on
	Heads   int    `json:"heads,omitempty"`
	Entry   uint64 `json:"entry,omitempty"` // the first bad one
	Damage  string `json:"damage,omitempty"`
	Missing bool   `json:"missing,omitempty"` // the whole clinic
}

type auditStates struct {
	Trails []auditState `json:"trails"`
}

func (s auditStates) err() error {
	var errs []error
	for _, t := range s.Trails {
		if t.Damage != "" {
			errs = append(errs, fmt.Errorf("clinic %s: %s", t.Clinic, t.Damage))
		}
	}
	return errors.Join(errs...)
}

// named returns the clinic of that name, or all of them for none.
func (o *operator) named(ctx context.Context, clinic string) ([]control.Clinic, error) {
	who := control.Operator("")
	if clinic == "" {
		return o.control.Clinics.All(ctx, who)
	}
	v, err := o.control.Clinics.Resolve(ctx, who, clinic)
	return []control.Clinic{v}, err
}

func (o *operator) verifyAudit(ctx context.Context, in verifyRequest) (auditStates, error) {
	out := auditStates{Trails: []auditState{}}
	clinics, err := o.named(ctx, in.Clinic)
	if err != nil {
		return out, err
	}
	kept := map[control.ClinicID]int{}
	for _, h := range in.Heads {
		kept[h.Clinic]++
	}
	for _, v := range clinics {
		n, err := o.control.Audit.Verify(ctx, v.ID, in.Heads...)
		state := auditState{Clinic: string(v.ID), Good: n, Heads: kept[v.ID]}
		delete(kept, v.ID)
		if damage := (*control.AuditDamage)(nil); errors.As(err, &damage) {
			state.Entry, state.Damage = damage.Entry, damage.Error()
		} else if err != nil {
			return out, err
		}
		out.Trails = append(out.Trails, state)
	}
	if in.Clinic != "" {
		return out, nil
	}
	for clinic, heads := range kept { // whose records are no longer there
		out.Trails = append(out.Trails, auditState{
			Clinic: string(clinic), Heads: heads, Entry: 1, Missing: true, Damage: "audit entry 1 is missing, and all others: the clinic is not in the data",
		})
	}
	return out, nil
}

func newAuditVerifyCommand() *cobra.Command {
	var req verifyRequest
	heads := ""
	cmd := operatorCommand[verifyRequest, auditStates]{
		use: "verify", short: "Read the audit trails and name the first entry that is wrong", path: "/audit/verify", do: (*operator).verifyAudit,
		long: `Reads the trails from their beginnings and names the first entry that was changed, moved
or removed. What the chain alone cannot show, a cut-off end or data that was put back to
an older state, is shown by heads that were kept elsewhere: name the file or folder of
audit.headFile, or one made with audit head. Exit status 1 means damage.

    consilium audit verify --since-head /mnt/other/heads.jsonl`,
		in: func([]string) (verifyRequest, error) {
			var err error
			if heads != "" {
				req.Heads, err = readHeads(heads)
			}
			return req, err
		},
		print: func(w io.Writer, found auditStates) {
			for _, t := range found.Trails {
				against := ""
				if t.Heads > 0 {
					against = fmt.Sprintf(", held against %d heads", t.Heads)
				}
				fmt.Fprintf(w, "clinic %s: %d entries are good%s\n", t.Clinic, t.Good, against)
			}
		},
		outcome: auditStates.err,
	}.command()
	cmd.Flags().StringVar(&req.Clinic, "clinic", "", "only this clinic")
	cmd.Flags().StringVar(&heads, "since-head", "", "file or folder of heads that were kept elsewhere")
	return cmd
}

// headList is the present ends of trails.
type headList struct {
	Heads []control.AuditHead `json:"heads"`
}

func (o *operator) auditHeads(ctx context.Context, in clinicName) (headList, error) {
	out := headList{Heads: []control.AuditHead{}}
	clinics, err := o.named(ctx, in.Clinic)
	if err != nil {
		return out, err
	}
	for _, v := range clinics {
		head, err := o.control.Audit.Head(ctx, v.ID)
		if err != nil {
			return out, err
		}
		out.Heads = append(out.Heads, head)
	}
	return out, nil
}

func newAuditHeadCommand() *cobra.Command {
	var req clinicName
	cmd := operatorCommand[clinicName, headList]{
		use: "head", short: "Print the ends of the audit trails, to be kept elsewhere", path: "/audit/head", do: (*operator).auditHeads,
		long: `Prints one line for each clinic: the number and hash of its last audit entry. Keep the
lines where nobody who can change the data can change them; audit verify --since-head
takes the file.

    consilium audit head >> /mnt/other/heads.jsonl`,
		in: func([]string) (clinicName, error) { return req, nil },
		print: func(w io.Writer, out headList) {
			lines := json.NewEncoder(w)
			for _, h := range out.Heads {
				_ = lines.Encode(h) // the terminal is gone: nobody is left to tell
			}
		},
	}.command()
	cmd.Flags().StringVar(&req.Clinic, "clinic", "", "only this clinic")
	return cmd
}

// exportRequest asks for a page of a trail.
type exportRequest struct {
	Clinic string    `json:"clinic"`
	After  uint64    `json:"after"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

// exportLine is an entry of a trail as it is exported: with all that its hash is made of.
type exportLine struct {
	N uint64 `json:"n"`
	control.AuditEvent
}

// exportPage is a part of an export. Last is the entry that was read last, 0 at the end.
type exportPage struct {
	Lines []exportLine `json:"lines"`
	Last  uint64       `json:"last"`
}

func (o *operator) exportAudit(ctx context.Context, in exportRequest) (exportPage, error) {
	out := exportPage{Lines: []exportLine{}}
	_, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return out, err
	}
	found, err := o.control.Audit.Export(ctx, who, in.After, 500)
	for _, e := range found {
		out.Last = e.N
		if !in.From.IsZero() && e.Value.At.Before(in.From) || !in.To.IsZero() && !e.Value.At.Before(in.To) {
			continue
		}
		out.Lines = append(out.Lines, exportLine{e.N, e.Value})
	}
	return out, err
}
