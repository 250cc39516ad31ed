package committee

import (
	"context"

	"cuobian/platform/store"
)

// PageOf names the committee or the forming that a duty's reference is a part of: a hand-over, a board's question and a meeting
// belong to a committee, a task of a special team to a forming. "" where there is none such.
func (c *Chamber) PageOf(ctx context.Context, q store.Queryer, kind, id string) (string, error) {
	of, query := "committees/", ""
	switch kind {
	case "handovers":
		query = `select org from committee_handover where id = $1`
	case "questions":
		query = `select org from committee_question where id = $1`
	case "meetings":
		query = `select org from committee_meeting where id = $1`
	case "tasks":
		of, query = "formings/", `select forming from committee_task where id = $1`
	default:
		return "", nil
	}
	ids, err := store.Texts(ctx, q, query, id)
	if err != nil || len(ids) == 0 || ids[0] == "" {
		return "", err
	}
	return of + ids[0], nil
}
