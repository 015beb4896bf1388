package register

import (
	"strings"

	"splameter/internal/month"
)

// Decision is what was decided on a finding: it is accepted, until a day.
// Accepting never changes a quantity.
type Decision struct {
	Key      string // the one finding's or question's stable key; empty: by code
	Code     string // all findings of the code, at the tenant and subject
	Tenant   string // id, Unassigned or Shared; empty: any
	Subject  string // empty: any
	Decision Answer // what was decided
	By       string
	Reason   string
	Until    month.OptionalDay // inclusive; empty: open
	Line     int
}

// Answer is what was decided: one of the words below, or what the question, the
// article, the customer or the bill asks for (an edition, a part number, a
// tenant's id, how many).
type Answer string

// The words that more than one thing is decided with. A finding is accepted; a
// question is answered by one of those that it names.
const (
	Accepted Answer = "accepted" // it is as it was counted: nobody needs to ask again
	Foreign  Answer = "foreign"  // the domain, or whoever is in it, is not the provider's
	Free     Answer = "free"     // the title, group or machine takes no licence of this agreement
	Same     Answer = "same"     // the accounts are one person
	Separate Answer = "separate" // the accounts are different persons
	Covered  Answer = "covered"  // a licence of somebody else's covers the machine
	None     Answer = "none"     // the thing owes nothing
)

// ParseAnswer is the answer that a word of the table means; "" for what can be
// none.
func ParseAnswer(word string) Answer {
	switch word = strings.ToLower(strings.TrimSpace(word)); word {
	case "accept", "geaccepteerd", "akzeptiert":
		return Accepted
	case "vreemd", "fremd":
		return Foreign
	case "vrij", "frei":
		return Free
	}
	if len(strings.Fields(word)) != 1 {
		return ""
	}
	return Answer(word)
}

// Is says that it is the other one, in whatever letters it was given.
func (a Answer) Is(other Answer) bool { return strings.EqualFold(string(a), string(other)) }

// IsQuestion says whether the decision is about a question.
func (d *Decision) IsQuestion() bool { return strings.HasPrefix(strings.ToLower(d.Key), "question|") }

// Articles are decided under keys that begin so: which part number or product
// an article of the reseller, or of the provider's own accounts, is.
const articleKey = "article|"

// ArticleKey is the key under which it is decided what an article is.
func ArticleKey(article string) string {
	return articleKey + strings.ToLower(strings.Join(strings.Fields(article), " "))
}

// IsArticle says whether the decision tells what an article is.
func (d *Decision) IsArticle() bool { return strings.HasPrefix(strings.ToLower(d.Key), articleKey) }

// ArticleOf is what was decided that an article is; the last decision counts.
func ArticleOf(all []Decision, article string) (Answer, bool) {
	return lastOf(all, ArticleKey(article))
}

// Customers of a bill are decided under keys that begin so: which tenant, or
// partner, is meant by a name or number of the accounts.
const customerKey = "customer|"

// CustomerKey is the key under which it is decided who a bill's customer is.
func CustomerKey(customer string) string {
	return customerKey + strings.ToLower(strings.Join(strings.Fields(customer), " "))
}

// IsCustomer says whether the decision tells who a customer is.
func (d *Decision) IsCustomer() bool { return strings.HasPrefix(strings.ToLower(d.Key), customerKey) }

// CustomerOf is what was decided that a customer is; the last decision counts.
func CustomerOf(all []Decision, customer string) (Answer, bool) {
	return lastOf(all, CustomerKey(customer))
}

func lastOf(all []Decision, key string) (Answer, bool) {
	for i := len(all) - 1; i >= 0; i-- {
		if d := &all[i]; strings.EqualFold(d.Key, key) {
			return d.Decision, true
		}
	}
	return "", false
}

// What a customer is billed is decided under keys that begin so: that a
// difference is agreed, that a product is free, or how many are billed.
const billedKey = "billed|"

// BilledKey is the key of what is agreed on a customer's product; further parts
// make it about one difference as it is.
func BilledKey(customer, product string, more ...string) string {
	return billedKey + strings.ToLower(strings.Join(append([]string{customer, product}, more...), "|"))
}

// IsBilled says whether the decision is about what a customer is billed.
func (d *Decision) IsBilled() bool { return strings.HasPrefix(strings.ToLower(d.Key), billedKey) }
