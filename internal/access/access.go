// Package access says whom of a machine's users a file or folder lets read it,
// and makes one its owner's alone. What is kept there names customers, persons
// and prices. It knows nothing of what a file is for.
package access
