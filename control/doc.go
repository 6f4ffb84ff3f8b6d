// Package control holds the clinic's rules: who may do what, when and for how
// much. It knows appointments, encounters, documents and accounts; it knows
// neither HTTP nor sockets nor media.
package control
