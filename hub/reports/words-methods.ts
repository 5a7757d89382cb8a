/**
 * Definitions (methods.ts) in the other languages. Formulas of signs are made of a few terms, which are put in by themselves;
 * the others are sentences, each with its translation.
 */
import { methods } from "./methods.ts";
import type { Language } from "./types.ts";

type Others = readonly [lv: string, sv: string, nb: string];

/** Terms in formulas; the longer ones first, since they hold shorter ones. */
const terms: readonly (readonly [term: string, ...Others])[] = [
  ["unattended_busy", "darbā bez uzraudzības", "obevakat arbete", "arbeid uten tilsyn"],
  ["unplanned_down", "bojājums", "haveri", "havari"],
  ["planned_down", "plānoti darbi", "planerat arbete", "planlagt arbeid"],
  ["in service", "ekspluatācijā", "i drift", "i drift"],
  ["left_on", "atstāta ieslēgta", "lämnad på", "stått på"],
  ["available", "pieejama", "tillgänglig", "tilgjengelig"],
  ["breakdown", "bojājums", "haveri", "havari"],
  ["period", "periods", "perioden", "perioden"],
  ["powered", "ieslēgta", "påslagen", "påslått"],
  ["session", "sesija", "pass", "økt"],
  ["unknown", "nav zināms", "okänt", "ukjent"],
  ["booked", "rezervēta", "bokad", "booket"],
  ["staff", "personāls", "personal", "ansatte"],
  ["idle", "dīkstāve", "väntar", "venter"],
  ["busy", "darbā", "arbetar", "arbeider"],
  ["open", "darba laiks", "öppet", "åpent"],
  ["runs", "darba cikli", "körningar", "kjøringer"],
  ["job", "darbs", "jobb", "jobb"],
];

const sentences: Readonly<Record<string, Others>> = {
  M06: [
    "|darba laiks \\ plānoti darbi|; plānoti: ievadīti pirms sākuma",
    "|öppet \\ planerat arbete|; planerat: infört innan det började",
    "|åpent \\ planlagt arbeid|; planlagt: ført inn før det begynte",
  ],
  M11: ["M10 nedēļas 10 stundās ar lielāko M10", "M10 under veckans 10 timmar med störst M10", "M10 i de 10 timene av uken med størst M10"],
  "M04.energy": ["Σ Δ skaitītājs, kamēr atstāta ieslēgta", "Σ Δ mätare medan lämnad på", "Σ Δ måler mens stått på"],
  M14: ["M08 × M10, bez iznākuma", "M08 × M10, utan utbyte", "M08 × M10, uten utbytte"],
  M15: ["sesijas, kas sākas periodā", "pass som börjar i perioden", "økter som begynner i perioden"],
  "M15.active": ["sesijas, kas skar periodu", "pass som berör perioden", "økter som berører perioden"],
  "M15.median": ["|sesija|, mediāna", "|pass|, median", "|økt|, median"],
  "M15.p90": ["|sesija|, 90. procentile", "|pass|, 90:e percentilen", "|økt|, 90. persentil"],
  M16: [
    "atšķirīgi biedri ar ≥ 60 s sesijā, bez apkopes un nodarbībām",
    "olika medlemmar med ≥ 60 s i pass, utan underhåll och kurser",
    "ulike medlemmer med ≥ 60 s i økt, uten vedlikehold og kurs",
  ],
  "M17.top1": ["lielākā lietotāja M01 / visu M01", "största användarens M01 / allas M01", "største brukers M01 / alles M01"],
  "M17.top3": [
    "trīs lielāko lietotāju M01 / visu M01",
    "de tre största användarnas M01 / allas M01",
    "de tre største brukernes M01 / alles M01",
  ],
  "M17.gini": ["M01 Džini koeficients pa lietotājiem", "Ginikoefficient för M01 per användare", "Ginikoeffisient for M01 per bruker"],
  "M18.events": [
    "bojājumi, kas sākas periodā; 24 h laikā tas pats",
    "haverier som börjar i perioden; inom 24 h samma",
    "havarier som begynner i perioden; innen 24 h det samme",
  ],
  M19: ["|darbā + dīkstāve| / M18.events, no 3", "|arbetar + väntar| / M18.events, från 3", "|arbeider + venter| / M18.events, fra 3"],
  M21: ["vid. atvērtais laiks, līdz kāds pārņem", "genomsnittlig öppettid tills någon börjar", "gj.sn. åpningstid til noen begynner"],
  "M22.hours": [
    "|darba cikli| kopš pēdējās apkopes / mērķis",
    "|körningar| sedan senaste underhåll / mål",
    "|kjøringer| siden siste vedlikehold / mål",
  ],
  "M22.energy": [
    "Σ darba ciklu enerģija kopš pēdējās apkopes / mērķis",
    "Σ körningarnas energi sedan senaste underhåll / mål",
    "Σ kjøringenes energi siden siste vedlikehold / mål",
  ],
  "M22.days": ["dienas kopš pēdējās apkopes / mērķis", "dagar sedan senaste underhåll / mål", "dager siden siste vedlikehold / mål"],
  M23: ["atteikti sākumi", "nekade starter", "nektede starter"],
  "M23.people": ["atšķirīgi biedri, kam atteikts", "olika medlemmar som nekades", "ulike medlemmer som ble nektet"],
  "M23.training": [
    "atteikts kursa vai derīga kursa trūkuma dēļ",
    "nekad för att kursen, eller en giltig, saknas",
    "nektet fordi kurset, eller et gyldig, mangler",
  ],
  "M23.training.people": ["atšķirīgi biedri no M23.training", "olika medlemmar i M23.training", "ulike medlemmer i M23.training"],
  "M24.busy": [
    "atteikti sākumi, jo lietoja kāds cits",
    "starter som nekades för att någon annan använde den",
    "starter nektet fordi noen andre brukte den",
  ],
  "M24.busy.people": ["atšķirīgi biedri no M24.busy", "olika medlemmar i M24.busy", "ulike medlemmer i M24.busy"],
  "M24.booked": ["atteikti sākumi, jo bija rezervēta", "starter som nekades för att den var bokad", "starter nektet fordi den var booket"],
  "M24.booked.people": ["atšķirīgi biedri no M24.booked", "olika medlemmar i M24.booked", "ulike medlemmer i M24.booked"],
  "M24.requests": ["lūgumi paziņot, kad brīva", "önskemål om besked när den är ledig", "ønsker om beskjed når den er ledig"],
  "M24.free": ["mediāna no lūguma, līdz brīva", "medianen från önskemålet tills ledig", "medianen fra ønsket til ledig"],
  "M25.bookings": [
    "rezervācijas, kas sākas periodā, neatceltas",
    "bokningar som börjar i perioden, inte avbokade",
    "bookinger som begynner i perioden, ikke avbestilt",
  ],
  "M25.no_show": [
    "15 min no sākuma nav sesijas ar tā paša kursa iekārtu, iekārta darbojas / rezervācijas, kurām pienācis laiks",
    "inget pass på en maskin av samma kurs inom 15 min från starten, maskinen i drift / bokningar som infallit",
    "ingen økt på en maskin av samme kurs innen 15 min fra starten, maskinen i drift / forfalte bookinger",
  ],
  M26: ["atcelts < 24 h pirms sākuma / rezervācijas", "avbokat < 24 h före start / bokningar", "avbestilt < 24 h før start / bookinger"],
  "M27.takeovers": [
    "sesijas, kas beidzās ar pārņemšanu vai nodošanu",
    "pass som slutade med övertagande eller överlämning",
    "økter som endte med overtakelse eller overlevering",
  ],
  "M27.forced": [
    "sesijas, ko beidza piespiedu kārtā, bloķējums, avārija vai nostrāde",
    "pass som slutade med tvång, spärr, nödläge eller utlösning",
    "økter som endte med tvang, sperring, nødsituasjon eller utløsning",
  ],
  "M27.trips": ["bloķētāja nostrādes un kļūmes", "utlösningar och fel i förreglingen", "utløsninger og feil i forriglingen"],
  M28: [
    "Σ Δ skaitītājs, citādi ∫ jauda bez pārtraukumiem",
    "Σ Δ mätare, annars ∫ effekt utan luckor",
    "Σ Δ måler, ellers ∫ effekt uten hull",
  ],
  "M29.idle": ["M28 − Σ darba ciklu enerģija", "M28 − Σ körningarnas energi", "M28 − Σ kjøringenes energi"],
  "M29.co2": ["M28 × spēkā esošais g CO₂/kWh", "M28 × g CO₂/kWh som gäller", "M28 × g CO₂/kWh som gjelder"],
  M30: ["pabeigti / (pabeigti + neizdevušies)", "klara / (klara + misslyckade)", "fullførte / (fullførte + mislykkede)"],
  "M30.completed": ["darbi, kas beidzās pabeigti", "jobb som blev klara", "jobber som ble fullført"],
  "M30.cancelled": ["darbi, kas tika atcelti", "jobb som avbröts av någon", "jobber som ble avbrutt av noen"],
  "M30.failed": [
    "darbi, kas beidzās ar kļūmi vai tika pārtraukti",
    "jobb som slutade i fel eller bröts",
    "jobber som endte i feil eller ble brutt",
  ],
  "M30.unknown": ["darbi, kuru beigas neviens neredzēja", "jobb vars slut ingen såg", "jobber hvis slutt ingen så"],
  M31: ["Σ pierakstītie grami", "Σ antecknade gram", "Σ noterte gram"],
  Q02: [
    "95. procentile |mezgla laiks − centrmezgla laiks|, notikumiem ar abiem",
    "95:e percentilen |nodens tid − hubbens tid|, för händelser med båda",
    "95-persentilen |nodens tid − hubens tid|, for hendelser med begge",
  ],
  "Q02.corrected": [
    "notikumi ar |mezgla laiks − centrmezgla laiks| > 2 s; skaita centrmezgla laiku",
    "händelser med |nodens tid − hubbens tid| > 2 s; hubbens gäller",
    "hendelser med |nodens tid − hubens tid| > 2 s; hubens gjelder",
  ],
  "Q04.alone": ["lēmumi bez centrmezgla / lēmumi", "beslut utan hubben / beslut", "avgjørelser uten huben / avgjørelser"],
  "Q04.share": [
    "Q04 / lietojumi, kas atļauti bez centrmezgla un paziņoti > 2 s vēlāk",
    "Q04 / användningar som tilläts utan hubben och meddelades > 2 s senare",
    "Q04 / bruk som ble tillatt uten huben og meldt > 2 s senere",
  ],
  "M15.open": [
    "sesijas, kas skar periodu un vēl nav beigušās",
    "pass som berör perioden och inte slutat än",
    "økter som berører perioden og ikke er avsluttet",
  ],
  "M15.estimated": [
    "sesijas, kas skar periodu un kuru beigas neviens nedzirdēja",
    "pass som berör perioden och vars slut ingen hörde",
    "økter som berører perioden og hvis slutt ingen hørte",
  ],
  "M16.participants": ["Σ pie tās saskaitītie cilvēki", "Σ personer räknade vid den", "Σ personer talt ved den"],
  unknown_cards: [
    "pieskārieni ar nezināmām kartēm pie durvīm un iekārtām",
    "blippar med okända kort, vid dörrar och maskiner",
    "kortbruk med ukjente kort, ved dører og maskiner",
  ],
  untrusted_clock: ["lēmumi mezglā ar nedrošu pulksteni", "beslut i en nod med osäker klocka", "avgjørelser i en node med usikker klokke"],
  lost_events: [
    "mezglu piešķirtie notikumu numuri, kas nepienāca",
    "nummer på händelser som noder gett och som aldrig kom",
    "numre på hendelser som noder har gitt og som aldri kom",
  ],
  unreadable: ["ziņojumi, kurus nevarēja nolasīt", "meddelanden som inte gick att läsa", "meldinger som ikke lot seg lese"],
  "Q03.p50": ["mediāna laikam no pieskāriena līdz lēmumam", "mediantid från blipp till beslut", "mediantid fra kortbruk til avgjørelse"],
  "Q03.p95": [
    "95. procentile laikam no pieskāriena līdz lēmumam",
    "95:e percentilen av tiden från blipp till beslut",
    "95. persentil av tiden fra kortbruk til avgjørelse",
  ],
  "Q03.p99": [
    "99. procentile laikam no pieskāriena līdz lēmumam",
    "99:e percentilen av tiden från blipp till beslut",
    "99. persentil av tiden fra kortbruk til avgjørelse",
  ],
  Q04: [
    "lietojumi, ko mezgls atļāva viens pats un ko fakti vēlāk noraidīja",
    "användningar som en nod tillät ensam och som fakta senare nekade",
    "bruk som en node tillot alene og som fakta senere nektet",
  ],
  "Q05.asked": [
    "periodā lūgtie sesiju labojumi",
    "rättelser av pass som begärts i perioden",
    "rettelser av økter det er bedt om i perioden",
  ],
  "Q05.granted": [
    "periodā apstiprinātie sesiju labojumi",
    "rättelser av pass som beviljats i perioden",
    "rettelser av økter som er innvilget i perioden",
  ],
  V01: [
    "atšķirīgi (cilvēks, diena 04.00–04.00) ar ieeju vai sesiju",
    "olika (person, dag 04:00–04:00) med inträde eller pass",
    "ulike (person, dag 04:00–04:00) med adgang eller økt",
  ],
  V02: [
    "ieejas un sesijas ar ≤ 60 min starpību, līdz izejai",
    "inträden och pass ≤ 60 min isär, till utgång",
    "adganger og økter ≤ 60 min fra hverandre, til utgang",
  ],
  V03: ["atšķirīgi cilvēki", "olika personer", "ulike personer"],
  "V04.new": ["nekad iepriekš", "aldrig tidigare", "aldri før"],
  "V04.returning": ["iepriekš pirms ≤ 90 d", "senast för ≤ 90 d sedan", "sist for ≤ 90 d siden"],
  "V04.reactivated": ["iepriekš pirms > 90 d", "senast för > 90 d sedan", "sist for > 90 d siden"],
  V05: ["biedri, kas bijuši 90 d / biedri", "medlemmar här på 90 d / medlemmar", "medlemmer her på 90 d / medlemmer"],
  "V08.peak": ["maks. vienlaicīgi apmeklējumi", "max samtidiga besök", "maks samtidige besøk"],
  V10: ["Σ |apmeklējums|, katrs ≤ 12 h", "Σ |besök|, vart och ett ≤ 12 h", "Σ |besøk|, hvert ≤ 12 h"],
  V11: ["Σ saskaitītie bez kartes", "Σ räknade utan kort", "Σ talte uten kort"],
  V12: ["atteikts / (atteikts + ielaists)", "nekade / (nekade + insläppta)", "nektet / (nektet + sluppet inn)"],
  "V12.unknown": ["pieskārieni ar nezināmām kartēm", "blippar med okända kort", "kortbruk med ukjente kort"],
  "V12.forced": ["uzlauztas durvis", "uppbrutna dörrar", "oppbrutte dører"],
  "V12.held": ["vaļā turētas durvis", "dörrar som hållits öppna", "dører som ble holdt åpne"],
  V13: [
    "(biedrs, diena) ar sesiju un bez ieejas / ar sesiju",
    "(medlem, dag) med pass och utan inträde / med pass",
    "(medlem, dag) med økt og uten adgang / med økt",
  ],
  T1: ["biedri bez derīga kursa", "medlemmar utan giltig kurs", "medlemmer uten gyldig kurs"],
  T2: [
    "atšķirīgi biedri, kam atteikts kursa trūkuma dēļ vai kas pieteikušies",
    "olika medlemmar som nekats för att kursen saknas, eller anmält sig",
    "ulike medlemmer som ble nektet fordi kurset mangler, eller meldte seg på",
  ],
  T3: [
    "atšķirīgi biedri, kas pieteikušies perioda nodarbībām",
    "olika medlemmar anmälda till periodens kurstillfällen",
    "ulike medlemmer påmeldt til periodens kurs",
  ],
  T4: [
    "atšķirīgi biedri ar apstiprinājumu jebkurā līmenī",
    "olika medlemmar godkända på någon nivå",
    "ulike medlemmer godkjent på et nivå",
  ],
  T5: ["atšķirīgi biedri, kas atzīti par prasmīgiem", "olika medlemmar godkända som behöriga", "ulike medlemmer godkjent som kyndige"],
  T8: ["periodā nokārtots atkārtoti", "godkända på nytt i perioden", "bestått på nytt i perioden"],
  T11: [
    "mediāna (pirmais nokārtotais kurss − dalības pirmā diena)",
    "median (första godkända kurs − medlemskapets första dag)",
    "median (første beståtte kurs − medlemskapets første dag)",
  ],
  "T11.share": [
    "pirmais kurss ≤ 28 d / pirmie kursi",
    "första godkända ≤ 28 d / första godkända",
    "første bestått ≤ 28 d / første bestått",
  ],
  T12: [
    "mediāna (pirmā nodarbība pēc tam − pieteikšanās vai pirmais atteikums)",
    "median (första kurstillfälle därefter − anmälan eller första nekande)",
    "median (første kurs deretter − påmelding eller første avslag)",
  ],
  "T13.fill": [
    "pieteikušies un tajā dienā šeit / vietas, kur vietas zināmas",
    "anmälda och här den dagen / platser, där platserna är kända",
    "påmeldt og her den dagen / plasser, der plassene er kjent",
  ],
  "T13.no_show": [
    "pieteikušies un tajā dienā nav šeit / pieteikušies",
    "anmälda och inte här den dagen / anmälda",
    "påmeldt og ikke her den dagen / påmeldt",
  ],
  T14: [
    "nokārtojuši, 90 d beigušās periodā, bez sesijas / nokārtojuši, 90 d beigušās",
    "godkända, 90 d gått i perioden, inget pass / godkända, 90 d gått",
    "bestått, 90 d gått i perioden, ingen økt / bestått, 90 d gått",
  ],
  "T15.30": ["apguvušie, kuru kurss beidzas ≤ 30 d", "behöriga vars kurs går ut ≤ 30 d", "innehavere med kurs som utløper ≤ 30 d"],
  "T15.60": ["apguvušie, kuru kurss beidzas ≤ 60 d", "behöriga vars kurs går ut ≤ 60 d", "innehavere med kurs som utløper ≤ 60 d"],
  "T16.sign_offs": ["apstiprinājumi periodā", "godkännanden i perioden", "godkjenninger i perioden"],
  "T16.qualified": [
    "biedri, kas perioda beigās drīkst mācīt kursu",
    "medlemmar som får lära ut kursen vid slutet",
    "medlemmer som får undervise i kurset ved slutten",
  ],
  "T16.load": [
    "apstiprinājumi / pasniedzēji, kas periodā apstiprināja",
    "godkännanden / utbildare som godkände i perioden",
    "godkjenninger / instruktører som godkjente i perioden",
  ],
  "T16.trainers": ["atšķirīgi pasniedzēji 365 d", "olika utbildare på 365 d", "ulike instruktører på 365 d"],
  T17: ["atšķirīgi derīga kursa apguvušie", "olika behöriga med giltig kurs", "ulike innehavere av gyldig kurs"],
  "T17.share": ["apguvušie, kas ir biedri / biedri", "behöriga som är medlemmar / medlemmar", "innehavere som er medlemmer / medlemmer"],
  E01: ["saskaitīti pasākumi", "räknade evenemang", "talte arrangementer"],
  E02: ["Σ saskaitītie cilvēki (dalības)", "Σ räknade personer (deltaganden)", "Σ talte personer (deltakelser)"],
  "E02.unique": ["atšķirīgi biedri, kas pierakstījās", "olika medlemmar som anmälde sig", "ulike medlemmer som meldte seg"],
  E03: ["Σ cilvēki × ilgums", "Σ personer × längd", "Σ personer × varighet"],
  E04: ["cilvēki / vietas, kur vietas zināmas", "personer / platser, där platserna är kända", "personer / plasser, der plassene er kjent"],
  E05: [
    "pirmoreiz atnākušie / cilvēki, kur tie skaitīti",
    "förstagångare / personer, där de räknats",
    "førstegangere / personer, der de er talt",
  ],
  "E05.join30": [
    "pirmā diena šeit nodarbībā, biedri 30 d laikā / pirmā diena šeit nodarbībā, 30 d beigušās periodā",
    "första dagen här på kurs, medlemmar inom 30 d / första dagen här på kurs, 30 d över under perioden",
    "første dag her på kurs, medlemmer innen 30 d / første dag her på kurs, 30 d utløpt i perioden",
  ],
  "E05.join60": [
    "pirmā diena šeit nodarbībā, biedri 60 d laikā / pirmā diena šeit nodarbībā, 60 d beigušās periodā",
    "första dagen här på kurs, medlemmar inom 60 d / första dagen här på kurs, 60 d över under perioden",
    "første dag her på kurs, medlemmer innen 60 d / første dag her på kurs, 60 d utløpt i perioden",
  ],
  "E05.join90": [
    "pirmā diena šeit nodarbībā, biedri 90 d laikā / pirmā diena šeit nodarbībā, 90 d beigušās periodā",
    "första dagen här på kurs, medlemmar inom 90 d / första dagen här på kurs, 90 d över under perioden",
    "første dag her på kurs, medlemmer innen 90 d / første dag her på kurs, 90 d utløpt i perioden",
  ],
  E06: ["vidējā atbilde no 1 līdz 5", "medel av svar från 1 till 5", "snitt av svar fra 1 til 5"],
  "E07.machines": ["(nodarbību un apmācību M01) / M01", "(M01 för kurser och utbildningar) / M01", "(M01 for kurs og opplæring) / M01"],
  E08: [
    "brīvprātīgo vadīti / pasākumi, par kuriem tas zināms",
    "volontärledda / evenemang där det är känt",
    "frivilligledede / arrangementer der det er kjent",
  ],
  F02: [
    "šeit bijušo atšķirīgi reģistrācijas numuri",
    "olika organisationsnummer för dem som var här",
    "ulike organisasjonsnumre for dem som var her",
  ],
  "F02.new": ["dibināti < 3 g. pirms beigām", "grundade < 3 år före slutet", "stiftet < 3 år før slutten"],
  "F02.existing": ["dibināti ≥ 3 g. pirms beigām", "grundade ≥ 3 år före slutet", "stiftet ≥ 3 år før slutten"],
  "F02.age_unknown": ["bez dibināšanas datuma", "utan grundandedatum", "uten stiftelsesdato"],
  "F02.unidentified": [
    "uzņēmumu cilvēki bez reģistrācijas numura",
    "personer från företag utan organisationsnummer",
    "personer fra bedrifter uten organisasjonsnummer",
  ],
  F05: ["Σ stundas × lomas likme tajā dienā", "Σ timmar × rollens sats den dagen", "Σ timer × rollens sats den dagen"],
  "F05.hours": ["Σ dežūru stundas", "Σ jourtimmar", "Σ vakttimer"],
  F07: ["šeit bijušo atšķirīgas pašvaldības", "olika kommuner för dem som var här", "ulike kommuner for dem som var her"],
  "F07.outside": [
    "cilvēki no citurienes / cilvēki ar zināmu pašvaldību",
    "personer från annat håll / personer med känd kommun",
    "personer fra andre steder / personer med kjent kommune",
  ],
  S01: [
    "Σ pašas izmaksas + kopējās izmaksas × M02 / Σ M02",
    "Σ egna kostnader + delade kostnader × M02 / Σ M02",
    "Σ egne kostnader + delte kostnader × M02 / Σ M02",
  ],
  "S01.own": ["Σ pašas izmaksas", "Σ egna kostnader", "Σ egne kostnader"],
  "S01.grant": [
    "Σ grantu apmaksātā nolietojums; citās summās nav",
    "Σ avskrivning av det bidrag betalat; i ingen annan summa",
    "Σ avskrivning av det tilskudd har betalt; i ingen annen sum",
  ],
  S03: ["Σ iekārtas ieņēmumi", "Σ maskinens intäkter", "Σ maskinens inntekter"],
  S04: ["ieņēmumi / izmaksas", "intäkter / kostnader", "inntekter / kostnader"],
  S05: [
    "(pašas − materiāli − enerģija + kopējās) / ((cena − (materiāli + enerģija) / M01) × M07)",
    "(egna − material − energi + delade) / ((pris − (material + energi) / M01) × M07)",
    "(egne − materialer − energi + delte) / ((pris − (materialer + energi) / M01) × M07)",
  ],
  S06: ["Σ ieņēmumi", "Σ intäkter", "Σ inntekter"],
  "S06.public": [
    "Σ pašvaldības, valsts, ES, Ziemeļvalstu fondu un cits publiskais finansējums",
    "Σ intäkter från kommun, stat, EU-medel, nordiska fonder och andra offentliga källor",
    "Σ inntekter fra kommune, stat, EU-midler, nordiske fond og andre offentlige kilder",
  ],
  "S06.private": [
    "Σ dalības maksas, stundas, kursi, noma, atbalstītāji un citi privātie ieņēmumi",
    "Σ intäkter från medlemsavgifter, maskintimmar, kurser, uthyrning, sponsorer och andra privata källor",
    "Σ inntekter fra medlemsavgifter, maskintimer, kurs, utleie, sponsorer og andre ikke-offentlige kilder",
  ],
  "S06.in_kind": ["Σ natūrā dotā vērtība", "Σ värdet av naturabidrag", "Σ verdien av naturalbidrag"],
  S07: ["rezerve / mēneša izmaksas", "reserv / månadens kostnader", "reserve / månedens kostnader"],
  S08: ["izmaksas / V01", "kostnader / V01", "kostnader / V01"],
  "S08.participant": ["izmaksas / E03", "kostnader / E03", "kostnader / E03"],
};

const place: Readonly<Record<Exclude<Language, "en">, 0 | 1 | 2>> = { lv: 0, sv: 1, nb: 2 };

/** How a metric is counted, in words and signs of the language; undefined when no definition is known. */
export function methodIn(language: Language, id: string): string | undefined {
  const english = methods[id];
  if (english === undefined || language === "en") return english;
  const at = place[language];
  return sentences[id]?.[at] ?? termsIn(english, at);
}

/** In one pass, so that no translation is taken for a term again. */
const anyTerm = new RegExp(`(?<![\\w.])(${terms.map(([term]) => term).join("|")})\\b`, "g");
const termsIn = (formula: string, at: 0 | 1 | 2): string =>
  formula.replace(anyTerm, (found) => terms.find(([term]) => term === found)?.[at + 1] ?? found);
