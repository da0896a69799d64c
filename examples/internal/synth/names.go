package synth

var firstNames = []string{
	"Anna", "Ben", "Carla", "David", "Eva", "Frank", "Gina", "Hans", "Ines", "Jan", "Katrin", "Lars", "Maria", "Nils",
	"Olga", "Paul", "Rita", "Sven", "Tina", "Udo", "Vera", "Walter", "Yvonne", "Zoë", "André", "Björn", "Chloé", "Élise",
	"François", "Jürgen", "Käthe", "María", "Noël", "Renée", "Søren", "Åsa", "Pilar", "Toby", "Jonas", "Miriam", "Holly",
	"Sanjay", "Terry", "Wendy", "Katie", "Michael", "Susan", "Luis", "Dana", "Erik",
}

var lastNames = []string{
	"Adams", "Ahlberg", "Baker", "Becker", "Bergström", "Brown", "Christensen", "Dubois", "Dyer", "Eriksson", "Fischer",
	"García", "Gruber", "Hansen", "Hoffmann", "Ibáñez", "Jensen", "Jordan", "Keller", "Kowalski", "Krüger", "Lange",
	"Larsson", "Lefèvre", "Martin", "Meyer", "Müller", "Nielsen", "Nowak", "O'Brien", "Olsen", "Patel", "Petersen", "Price",
	"Quick", "Richter", "Rossi", "Roth", "Schäfer", "Schmidt", "Schröder", "Schulz", "Silva", "Simon", "Søndergård",
	"Steiner", "Tanaka", "Thomsen", "Ulrich", "Vogel", "Wagner", "Weber", "Weiß", "Williams", "Winkler", "Wójcik", "Young",
	"Zimmermann", "Łukasz", "Åkesson",
}

var sharedNames = []string{
	"Info", "Sales", "Support", "Invoices", "Orders", "Press", "Jobs", "Claims", "Dispatch", "Helpdesk", "Facilities",
	"Purchasing", "Warehouse", "Quality", "Events",
}
