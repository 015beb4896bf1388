package config

// agreements checks the ids by which tenants and files name them; main is
// that of provider:.
func (k *checker) agreements() {
	seen := names{"main": 0}
	for i := range k.config.Agreements {
		switch id := k.config.Agreements[i].ID; {
		case id == "main":
			k.fault("main is the agreement of provider:", "give this one another id", "agreements", i, "id")
		case k.name(id, "agreements", i, "id"):
			k.unique(seen, id, "agreement", "agreements", i, "id")
		}
	}
}
