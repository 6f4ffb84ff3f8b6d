package api

func (s *server) clinicRoutes() {
	add(s, signedIn, op("listServices", get, "/services", "clinic", "The clinic's services"), s.listServices)
	add(s, signedIn, op("listPractitioners", get, "/practitioners", "clinic", "The clinic's doctors"), s.listPractitioners)
	add(s, signedIn, op("listPatients", get, "/patients", "clinic", "Names of the clinic's patients"), s.listPatients)
}
