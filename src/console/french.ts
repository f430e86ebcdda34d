import type { ShownFault } from '../contract/admin.ts'
import type { Texts } from './english.ts'
import { acts } from './french-acts.ts'
import { problems } from './french-problems.ts'
import { stateOf } from './french-states.ts'
import { amount } from './language.ts'

const people = (count: number) => `${amount(count)} ${count < 2 ? 'personne' : 'personnes'}`

/** What is wrong in the audit trail, at a record. */
const faults: Record<ShownFault['kind'], (record: number) => string> = {
  changed: (record) => `L’enregistrement ${record} n’est pas tel qu’il a été écrit.`,
  missing: (record) => `L’enregistrement ${record} manque.`,
  added: (record) => `L’enregistrement ${record} a été ajouté sans que le service l’ait écrit.`,
  rewritten: (record) =>
    `À partir de l’enregistrement ${record}, le journal a été réécrit : un point de contrôle le contredit.`,
  'cut off': (record) => `L’enregistrement ${record} manque à la fin : un point de contrôle en témoigne.`,
}

/** What credentials are for. */
const purposes: Record<string, string> = {
  'refresh-token': 'jeton d’actualisation',
  'access-token': 'jeton d’accès',
  password: 'mot de passe',
}

/** Everything that the console says, in French. Spaces before punctuation are made non-breaking. */
export const french = typeset<Texts>({
  product: 'Zoom for Outlook',
  title: 'Zoom for Outlook : administration',
  administration: 'Administration',
  signIn: 'Se connecter avec Microsoft',
  signInNeeds:
    'Les administrateurs se connectent avec leur compte professionnel. Il leur faut le rôle Admin ou Auditor de cette application, et un second facteur.',
  signingIn: 'Connexion en cours…',
  signOut: 'Se déconnecter',
  anotherAccount: 'Se connecter avec un autre compte',
  tryAgain: 'Réessayer',
  stillNoFactor:
    'Entra n’a confirmé aucun second facteur. Une stratégie d’accès conditionnel doit en exiger un pour le contexte d’authentification de cette application. Le guide des administrateurs explique comment la créer.',
  reading: 'Lecture en cours…',
  asRole: (role) => (role === 'Admin' ? 'administrateur' : 'auditeur : ne peut rien modifier'),
  colon: ' : ',
  problem: ({ code }) => problems[code] ?? problems.unexpected,
  state: stateOf,

  people: {
    heading: 'Personnes',
    stored:
      'Le service ne conserve ni nom ni adresse e-mail : les personnes sont désignées par leur ID. Vous pouvez rechercher un ID d’objet de votre annuaire, un ID d’utilisateur Zoom ou un nom de connexion exact. D’un nom de connexion, seule l’empreinte quitte cette page, car seule l’empreinte est conservée.',
    mailboxes: 'Les boîtes aux lettres de vos serveurs Exchange figurent aussi dans la liste.',
    search: 'ID d’objet, ID d’utilisateur Zoom ou nom de connexion',
    state: 'État',
    every: 'Tous les états',
    provider: 'Fournisseur',
    everyProvider: 'Tous les fournisseurs',
    find: 'Rechercher',
    notSearchable:
      'Ce n’est ni un ID d’objet, ni un ID d’utilisateur Zoom, ni un nom de connexion. Un nom de connexion contient un @.',
    shown: (count) => `${people(count)} sur cette page`,
    none: 'Le service ne connaît pas cette personne.',
    next: 'Page suivante',
    previous: 'Page précédente',
    columns: { person: 'Personne', zoom: 'Utilisateur Zoom', calendar: 'Comptes connectés' },
    mailbox: 'Boîte aux lettres Exchange',
    notLinked: 'aucun',
  },

  mailboxes: {
    heading: 'Boîtes aux lettres',
    about:
      'Boîtes aux lettres de salles et de personnes qu’un administrateur connecte par des autorisations d’application, sans la personne. Les réunions Zoom suivent leurs calendriers, et le service ne conserve aucune information d’identification. Limitez l’application à ces boîtes aux lettres dans Exchange Online.',
    objectId: 'ID d’objet d’une salle ou d’une personne',
    notObjectId: 'Ceci n’est pas un ID d’objet.',
    connect: 'Connecter la boîte aux lettres',
    columns: {
      mailbox: 'Boîte aux lettres',
      permission: 'Autorisation',
      state: 'État',
      change: 'Modifier',
    },
    permissions: { read: 'Lecture', 'read-write': 'Lecture et écriture' },
    none: 'Aucune boîte aux lettres n’est connectée.',
    check: 'Vérifier de nouveau',
    disconnect: 'Déconnecter',
    question: 'Déconnecter cette boîte aux lettres ? Vous pourrez la reconnecter.',
    yes: 'Oui, déconnecter',
    no: 'Garder connectée',
    working: 'Un instant…',
    connected: (mailbox) => `${mailbox} est connectée.`,
    checked: (mailbox, state) => `${mailbox} : ${state}.`,
    disconnected: (mailbox) => `${mailbox} est déconnectée.`,
  },

  rooms: {
    heading: 'Salles',
    about:
      'Salles de réunion, indépendamment des personnes. Le service lit leurs calendriers par des autorisations d’application et les montre sur des écrans. Limitez l’application à ces boîtes aux lettres dans Exchange Online.',
    columns: {
      room: 'Salle',
      place: 'Lieu',
      state: 'Calendrier',
      screens: 'Écrans',
      system: 'Système de salle',
      change: 'Modifier',
    },
    none: 'Aucune salle n’est ajoutée.',
    notConnected: 'Sa boîte aux lettres n’est pas connectée. Ajoutez de nouveau la salle.',
    noScreen: 'Aucun',
    screen: (seen) => `Vu ${seen}`,
    removeScreen: 'Retirer l’écran',
    screenRemoved: 'L’écran est retiré. Il ne montre plus rien.',
    walls: 'Écrans de plusieurs salles',
    roomsOf: (place) => `Salles de ${place}`,
    everyRoom: 'Toutes les salles',
    remove: 'Retirer la salle',
    question: 'Retirer la salle et ses écrans ? Sa boîte aux lettres est déconnectée.',
    yes: 'Oui, retirer',
    no: 'Garder la salle',
    removed: (name) => `${name} est retirée.`,
    pair: 'Associer un écran',
    pairAbout: (address) => `Ouvrez ${address} sur l’écran. Il montre un code : saisissez-le ici.`,
    code: 'Code à l’écran',
    shows: 'Il montre',
    notCode: 'Un code a huit lettres, comme à l’écran.',
    pairButton: 'Associer l’écran',
    paired: (name) => `L’écran montre ${name} dans un instant.`,
    add: 'Ajouter des salles',
    readPlaces: 'Lire les salles de l’annuaire',
    noPlace: 'Toutes les salles que l’annuaire connaît sont ajoutées.',
    addButton: 'Ajouter',
    added: (name) => `${name} est ajoutée.`,
    byAddress: 'Ajouter par adresse',
    address: 'Adresse de la salle',
    name: 'Nom',
    building: 'Bâtiment',
    floor: 'Étage',
    notRoom: 'Saisissez une adresse et un nom.',
    noSystem: 'Aucun',
    kinds: { cisco: 'Cisco' },
    systemStates: {
      new: 'La connexion est en cours.',
      current: 'Il montre les réunions de la salle.',
      clock:
        'Il montre les réunions de la salle, mais son horloge est fausse : il se joint au mauvais moment.',
      unreachable: 'Il ne répond pas. Le service essaie de nouveau.',
      certificate: 'Son certificat n’est pas celui que vous avez donné, ou n’est pas valide.',
      not_allowed: 'Son adresse n’est dans aucun réseau du paramètre ROOM_SYSTEM_NETWORKS.',
      refused: 'Il a refusé le nom d’utilisateur ou le mot de passe. Enregistrez-le de nouveau.',
      another:
        'Un autre appareil répond à son adresse. Si vous l’avez remplacé, enregistrez-le de nouveau. Ou une autre salle a cet appareil. Retirez-le d’abord de celle-ci.',
      rejected:
        'Il n’accepte aucune réservation. Certains modes, comme Microsoft Teams, n’en connaissent pas.',
      calendar: 'Le calendrier de la salle ne peut pas être lu. Il montre ce qu’il avait.',
      unreadable: 'Ce qui est enregistré ne peut plus être ouvert. Enregistrez-le de nouveau.',
    },
    systemSince: (when) => `Depuis ${when}.`,
    removeSystem: 'Retirer le système de salle',
    removeSystemQuestion: 'Retirer le système de salle ? Ses réservations lui sont retirées.',
    removeSystemYes: 'Oui, retirer',
    removeSystemNo: 'Garder le système de salle',
    systemRemoved: (name) => `${name} n’a plus de système de salle.`,
    giveSystem: 'Donner un système à une salle',
    giveSystemAbout:
      'Un système de salle de Cisco montre les réunions de sa salle et se joint en une pression. Il faut un compte sur l’appareil avec le rôle Admin, pour ce service seul.',
    systemOf: 'Salle',
    host: 'Adresse de l’appareil',
    user: 'Nom d’utilisateur',
    password: 'Mot de passe',
    pin: 'Empreinte SHA-256 de son certificat, s’il l’a signé lui-même',
    titles: 'Il peut montrer les titres des réunions',
    saveSystem: 'Enregistrer le système de salle',
    systemSaved: (name) => `Le système de salle de ${name} est enregistré.`,
    hasSystem: (host) => `Elle a déjà ${host}, dont celui-ci prend la place.`,
    notSystem: 'Saisissez l’adresse, le nom d’utilisateur et le mot de passe.',
    notPin: 'Une empreinte SHA-256 a 64 chiffres hexadécimaux.',
  },

  serviceAccounts: {
    heading: 'Comptes de service des serveurs Exchange',
    about:
      'Avec un compte qui peut agir pour des boîtes aux lettres (ApplicationImpersonation), les personnes connectent leur calendrier sans mot de passe : un code dans leur boîte de réception prouve que la boîte aux lettres est la leur. La stratégie « Ce qui ouvre les calendriers des serveurs Exchange » l’active.',
    states: {
      none: 'Aucun compte n’est enregistré.',
      accepted: 'Le serveur a accepté le compte lors de l’enregistrement.',
      refused:
        'Le serveur a refusé le mot de passe, qui a été supprimé. Les calendriers vous attendent : enregistrez le compte de nouveau.',
    },
    since: (when) => `Depuis le ${when}.`,
    opens: (count) =>
      count === 1
        ? 'Une boîte aux lettres est connectée avec ce compte.'
        : `${count} boîtes aux lettres sont connectées avec ce compte.`,
    user: 'Nom d’utilisateur (DOMAINE\\utilisateur, ou utilisateur@domaine)',
    password: 'Mot de passe',
    missing: 'Saisissez le nom d’utilisateur et le mot de passe.',
    save: 'Enregistrer le compte',
    remove: 'Supprimer le compte',
    question: 'Supprimer le compte ? Ses calendriers ne sont plus suivis avant l’enregistrement d’un autre.',
    yes: 'Oui, supprimer',
    no: 'Garder le compte',
    saved: (host) => `Le compte pour ${host} est enregistré.`,
    removed: (host) => `Le compte pour ${host} est supprimé.`,
  },

  policies: {
    heading: 'Stratégies',
    about:
      'Une règle s’applique à tout votre annuaire ou à un groupe. La règle d’un groupe l’emporte sur la règle générale. Si une personne appartient à plusieurs groupes, le premier décide. Si un jeton d’accès n’indique pas les groupes de la personne, la plus stricte des règles possibles décide.',
    rules: 'Règles',
    columns: { whom: 'Pour', name: 'Stratégie', value: 'Valeur', order: 'Modifier' },
    names: {
      calendar: 'Calendrier',
      contacts: 'Contacts',
      apps: 'Jetons d’accès pour les applications',
      zoomAccount: 'Compte Zoom',
      sync: 'Synchronisation du calendrier',
      discarded: 'Réunion d’un brouillon abandonné',
      zoomChanges: 'Réunions modifiées dans Zoom',
      tidy: 'Nettoyage du texte de l’invitation',
      everyMeeting: 'Réunion Zoom dans chaque nouveau rendez-vous',
      exchangeSignIn: 'Connexion des boîtes aux lettres Exchange',
      exchangeAccess: 'Ce qui ouvre les calendriers des serveurs Exchange',
      zoomSignIn: 'Connexion à Zoom',
      invitationLogo: 'Logo dans les invitations',
      alternativeHosts: 'Autres animateurs',
      waitingRoom: 'Salle d’attente',
      meetingAuthentication: 'Participation réservée aux personnes connectées',
      joinBeforeHost: 'Arrivée avant l’animateur',
      muteUponEntry: 'Micro coupé à l’arrivée',
      hostVideo: 'Vidéo de l’animateur',
      participantVideo: 'Vidéo des participants',
      autoRecording: 'Enregistrement automatique',
      jbhTime: 'Combien de temps avant le début on peut arriver',
      audio: 'Son',
      encryptionType: 'Chiffrement',
      continuousMeetingChat: 'Conversation avant et après la réunion',
      autoStartMeetingSummary: 'Résumé par AI Companion',
      whoWillReceiveSummary: 'Destinataires du résumé',
      autoStartAiCompanionQuestions: 'Questions à AI Companion',
      languageInterpretation: 'Interprétation',
      signLanguageInterpretation: 'Interprétation en langue des signes',
      usePmi: 'ID de réunion personnel',
      approvalType: 'Inscription',
      authenticationProfile: 'Mode de connexion des participants',
      dialInCountries: 'Pays des numéros de téléphone',
      dataCenterRegions: 'Centres de données supplémentaires',
      countries: 'D’où l’on peut participer',
    },
    values: {
      off: 'Désactivé',
      on: 'Activé',
      choice: 'Au choix de chaque personne',
      read: 'Lecture',
      'read-write': 'Lecture et écriture',
      proxy: 'Aucun (proxy)',
      direct: 'Remis',
      'by-sign-in': 'Par une connexion à Zoom',
      'by-name': 'Trouvé par le nom de connexion',
      zoom: 'Selon le compte Zoom',
      'always-on': 'Toujours activé',
      'always-off': 'Toujours désactivé',
      none: 'Aucun',
      local: 'Sur l’ordinateur',
      cloud: 'Dans le cloud',
      'always-none': 'Jamais',
      'always-local': 'Toujours sur l’ordinateur',
      'always-cloud': 'Toujours dans le cloud',
      '5': '5 minutes avant',
      'always-5': 'Toujours : 5 minutes avant',
      '10': '10 minutes avant',
      'always-10': 'Toujours : 10 minutes avant',
      '15': '15 minutes avant',
      'always-15': 'Toujours : 15 minutes avant',
      any: 'À tout moment',
      'always-any': 'Toujours : à tout moment',
      voip: 'Ordinateur uniquement',
      'always-voip': 'Toujours : ordinateur uniquement',
      telephony: 'Téléphone uniquement',
      'always-telephony': 'Toujours : téléphone uniquement',
      both: 'Ordinateur et téléphone',
      'always-both': 'Toujours : ordinateur et téléphone',
      thirdParty: 'Autre fournisseur',
      'always-thirdParty': 'Toujours : autre fournisseur',
      e2ee: 'De bout en bout',
      'always-e2ee': 'Toujours : de bout en bout',
      enhanced: 'Renforcé',
      'always-enhanced': 'Toujours : renforcé',
      host: 'L’animateur',
      'always-host': 'Toujours : l’animateur',
      hosts: 'Animateur et autres animateurs',
      'always-hosts': 'Toujours : animateur et autres animateurs',
      organisation: 'Invités de l’organisation',
      'always-organisation': 'Toujours : invités de l’organisation',
      everybody: 'Tous les invités',
      'always-everybody': 'Toujours : tous les invités',
      manual: 'L’animateur approuve',
      'always-manual': 'Toujours : l’animateur approuve',
      automatic: 'Approuvée automatiquement',
      'always-automatic': 'Toujours : approuvée automatiquement',
      keep: 'Conservée',
      remove: 'Supprimée après quatre semaines',
      show: 'Signalées à la personne',
      repair: 'Rétablies',
      'own-credential': 'Le mot de passe de chaque personne',
      'service-account': 'Un compte de service',
    },
    decisions: { zoom: 'Selon le compte Zoom', default: 'Au départ', always: 'Toujours' },
    alwaysText: (text) => `Toujours : ${text}`,
    onlyFrom: (countries) => `uniquement depuis ${countries}`,
    allBut: (countries) => `pas depuis ${countries}`,
    text: 'Texte',
    textsMore: {
      authenticationProfile: 'L’ID d’un profil d’authentification, comme signIn_D8cJuqWVQ623CI4Q8yQK0Q.',
      dialInCountries: 'Codes de deux lettres, comme DE;FR.',
      dataCenterRegions: 'Codes de Zoom, comme DE;NL.',
      countries: 'approve:DE;FR, ou deny:AQ.',
    },
    notText: (name) => `Ce n’est pas une valeur de « ${name} ».`,
    everybody: 'Tout le monde',
    otherwise: 'Sans règle',
    group: 'ID d’objet d’un groupe (vide : tout le monde)',
    add: 'Ajouter la règle',
    notGroup: 'Ce n’est pas l’ID d’objet d’un groupe.',
    twice: 'Il existe déjà une règle pour cette stratégie et ce groupe. Modifiez sa valeur.',
    up: 'Monter',
    down: 'Descendre',
    remove: 'Supprimer',
    added: 'La règle est ajoutée. Elle n’est pas encore enregistrée.',
    changed: 'La valeur est modifiée. Elle n’est pas encore enregistrée.',
    removed: 'La règle est supprimée. Ce n’est pas encore enregistré.',
    moved: 'La règle est déplacée. Ce n’est pas encore enregistré.',
    undone: 'Les règles enregistrées sont de nouveau affichées.',
    unsaved: 'Des modifications ne sont pas enregistrées.',
    saved: 'Les règles sont enregistrées.',
    working: 'Un instant…',
    review: 'Vérifier les modifications',
    undo: 'Annuler toutes les modifications',
    save: 'Enregistrer les règles',
    affected: 'Personnes concernées',
    certain: (count) =>
      count === 0
        ? 'Ces modifications ne concernent avec certitude aucune personne.'
        : `Ces modifications concernent ${people(count)}.`,
    possible: (count) =>
      count < 2
        ? 'Pour une personne de plus, le service ne sait pas encore si elle appartient à un groupe. Elle est concernée si c’est le cas.'
        : `Pour ${amount(count)} personnes de plus, le service ne sait pas encore si elles appartiennent à un groupe. Elles sont concernées si c’est le cas.`,
    perhaps: 'si membre du groupe',
    change: (name, before, after) => `${name} : ${after} au lieu de ${before}`,
    more: (count) => `Seules les ${amount(count)} premières sont affichées.`,
    by: {
      group: 'selon la règle du groupe',
      everybody: 'selon la règle générale',
      setting: 'aucune règle, valeur par défaut du service',
    },
    unknown: (count) =>
      count < 2
        ? '(la plus stricte des règles possibles : l’appartenance à un groupe n’est pas connue)'
        : `(la plus stricte des règles possibles : l’appartenance à ${amount(count)} groupes n’est pas connue)`,
    groups: {
      not_said:
        'Le dernier jeton d’accès n’indiquait pas les groupes de cette personne : ils sont trop nombreux, ou l’application n’a pas la revendication de groupes. Le service ne sait pas si elle en est membre.',
      not_asked:
        'Cette personne n’a pas utilisé le service depuis qu’une règle désigne un groupe. Son prochain jeton d’accès décidera.',
    },
  },

  invitation: {
    heading: 'Invitation',
    about:
      'Ce que le complément écrit dans un rendez-vous qui a une réunion Zoom. Les invitations déjà écrites restent comme elles sont. Chaque personne la lit dans la langue de son Outlook.',
    grammar: (placeholders) =>
      `**gras**, [un lien](https://example.com), ${placeholders}. Une ligne dont un champ n’a pas de valeur est omise. Un \\ devant un caractère désigne ce caractère. Il n’y a pas de HTML.`,
    lines: 'Lignes affichées',
    line: { id: 'Identifiant de la réunion', passcode: 'Code secret', dialIn: 'Numéros de téléphone' },
    dialInCountries: 'Pays des numéros de téléphone, par exemple DE;FR ; vide : tous',
    sipDomain: 'Domaine des adresses SIP, par exemple zoomcrc.com ; vide : pas de telle ligne',
    help: 'Page d’aide pour participer, https://… ; vide : aucune',
    logo: 'Logo, https://… ; vide : aucun',
    logoNeeds:
      'Le logo est affiché là où la stratégie « Logo dans les invitations » est activée. Son serveur apprend qui ouvre une invitation.',
    textsFor: 'Textes pour les personnes qui lisent',
    other: 'Toutes les autres langues',
    before: 'Texte avant les détails',
    after: 'Texte après les détails',
    ownTexts: 'Cette langue a ses propres textes',
    preview: 'Aperçu',
    previewIn: 'Langue de l’aperçu',
    asHtml: 'En HTML',
    asText: 'En texte brut',
    logoHere: (address) => `Logo : ${address}`,
    sampleName: 'Grace Hopper',
    changed: 'Des modifications ne sont pas enregistrées.',
    saved: 'L’invitation est enregistrée.',
    standard: 'L’invitation est celle que le complément écrit de lui-même.',
    working: 'Un instant…',
    save: 'Enregistrer l’invitation',
    undo: 'Annuler toutes les modifications',
    remove: 'L’écrire sans modèle',
    fault: {
      large: 'Les textes sont trop longs ensemble.',
      https: 'Ce n’est pas une adresse https.',
      country: 'Ce n’est pas une liste de pays telle que DE;FR.',
      domain: 'Ce n’est pas un domaine.',
      long: 'Ce texte est trop long.',
      lines: 'Ce texte a trop de lignes.',
      character: 'C’est un caractère de contrôle, ou une marque qui change le sens du texte.',
      placeholder: 'Ce champ n’existe pas. Écrivez \\{ pour une accolade.',
      link: 'Ce crochet n’est pas un lien tel que [Aide](https://example.com). Écrivez \\[ pour un crochet.',
      bold: 'Il manque le ** qui termine les caractères gras.',
    },
    elsewhere: (name) => `Il y a une erreur dans les textes pour : ${name}.`,
    at: (says, line, column) => `Ligne ${line}, colonne ${column} : ${says}`,
  },

  audit: {
    heading: 'Journal d’audit',
    all: 'Les enregistrements ne sont qu’ajoutés, et chacun porte l’empreinte du précédent. Le plus récent est en tête. Chaque page que vous consultez est enregistrée aussi.',
    own: 'Voici les enregistrements de votre organisation. L’exploitant du service vérifie et exporte le journal entier par une commande.',
    verify: 'Vérifier le journal entier',
    verifying: 'Vérification en cours…',
    intact: (last, checkpoints) =>
      `Le journal d’audit est intact jusqu’à l’enregistrement ${last}. Points de contrôle qui concordent : ${amount(checkpoints)}.`,
    broken: ({ kind, seq }, last) =>
      `${faults[kind](seq)} Le journal est intact jusqu’à l’enregistrement ${last}.`,
    exports: { jsonl: 'Exporter en JSON Lines', ocsf: 'Exporter en OCSF' },
    exported: 'L’export est dans vos téléchargements.',
    newer: 'Enregistrements plus récents',
    older: 'Enregistrements plus anciens',
  },

  keys: {
    heading: 'Clés',
    about:
      'Une clé chiffre les clés de données des informations d’identification conservées. La clé active chiffre les nouvelles, et le service rechiffre les anciennes en arrière-plan. Une ancienne clé peut être retirée quand plus aucune information d’identification n’en dépend et que deux administrateurs sont d’accord : l’un demande le retrait, un autre le confirme dans les 24 heures. Supprimez ensuite la clé des paramètres. Aucune clé n’est visible ici.',
    columns: {
      key: 'Clé',
      use: 'Usage',
      records: 'En dépendent',
      failing: 'Pas encore rechiffrées',
      removal: 'Retrait',
    },
    active: 'active',
    older: 'ancienne',
    retired: (time) => `retirée le ${time} ; supprimez-la des paramètres`,
    asked: (time) => `demandé le ${time} par`,
    ask: 'Demander le retrait',
    confirm: 'Confirmer le retrait',
    withdraw: 'Annuler la demande',
    done: {
      ask: (key) => `Un autre administrateur peut maintenant confirmer le retrait de la clé ${key}.`,
      confirm: (key) => `La clé ${key} est retirée. Supprimez-la des paramètres.`,
      withdraw: (key) => `La demande de retrait de la clé ${key} est annulée.`,
    },
  },

  sync: {
    heading: 'Synchronisation',
    about:
      'Microsoft Graph, ou le serveur Exchange de la personne, signale au service les changements dans les calendriers de ces personnes, et leurs réunions Zoom les suivent. Une fois par jour, le service compare chaque calendrier, car une notification peut se perdre. Aucun événement n’est conservé ni affiché ici.',
    columns: {
      person: 'Personne',
      state: 'État',
      change: 'Dernier changement',
      check: 'Dernière vérification',
      act: 'Action',
      reason: 'Raison',
      since: 'Abandonné le',
    },
    states: {
      watched: 'suivi',
      starting: 'commence bientôt',
      emptied:
        'la plupart des rendez-vous avec des réunions manquent ; les réunions sont conservées. Si la boîte aux lettres est en cours de restauration, il n’y a rien à faire : elles suivent dès que les rendez-vous sont revenus',
      failing:
        'Microsoft Graph ou le serveur Exchange n’a pas répondu ou a refusé ; le service réessaie de lui-même',
    },
    never: 'aucun pour l’instant',
    none: 'Aucun calendrier n’est suivi. Chaque personne connecte son calendrier dans le complément, et la stratégie « Synchronisation du calendrier » doit être activée.',
    waiting: (count) =>
      count === 0 ? 'Aucun événement en attente.' : `Événements en attente : ${amount(count)}.`,
    different: (count) =>
      count === 0
        ? 'Aucune réunion ne diffère de son rendez-vous après une modification dans Zoom.'
        : `Réunions modifiées dans Zoom qui diffèrent de leur rendez-vous : ${amount(count)}.`,
    checkNow: 'Vérifier maintenant',
    checking: (person) => `Le calendrier de ${person} est en cours de comparaison.`,
    failed: 'Événements qui n’ont pas pu être suivis',
    failedCount: (count) => `Au total : ${amount(count)}.`,
    tryAgain: 'Réessayer',
    tryAllAgain: 'Tout réessayer',
    trying: 'L’événement est en attente.',
    tryingAll: 'Tous les événements sont en attente.',
    failedPages: { previous: 'Plus récents', next: 'Plus anciens' },
    working: 'En cours…',
  },

  health: {
    heading: 'État des systèmes',
    about: (since) =>
      `La base de données répond : cette page en vient. Le reste est ce qu’un processus du service a observé depuis le ${since} ; un autre processus a pu observer autre chose.`,
    columns: { system: 'Système', answer: 'Dernière réponse', failure: 'Dernier échec' },
    never: 'jamais',
  },

  deployment: {
    heading: 'Déploiement',
    about:
      'Le déploiement tel que le service le voit d’où il fonctionne : ce que trouve la commande « doctor ». Lancez aussi cette commande hors de votre réseau.',
    byCommand: (scope, room, registration) =>
      `« ${scope} » et « ${room} » ne sont vérifiés que par la commande, car il y faut des adresses. « ${registration} » demande votre propre jeton pour Microsoft Graph, sauf si l’application peut lire son inscription :`,
    checking: 'Vérification en cours, dix secondes au plus…',
    again: 'Vérifier de nouveau',
    copy: 'Copier comme texte',
    copied: 'Les résultats sont dans le presse-papiers.',
    notCopied: 'Le navigateur ne laisse pas cette page écrire dans le presse-papiers.',
    save: 'Télécharger en JSON',
    saved: 'Les résultats sont dans vos téléchargements.',
    columns: { check: 'Vérification', state: 'Résultat', found: 'Constat', fix: 'À faire' },
  },

  revoking: {
    heading: 'Accès révoqués',
    select: (person) => `Sélectionner ${person}`,
    selectAll: 'Sélectionner toutes les personnes de cette page',
    label: (count) =>
      count < 2
        ? 'Révoquer l’accès de la personne sélectionnée'
        : `Révoquer l’accès de ${amount(count)} personnes sélectionnées`,
    question: (count) =>
      count < 2
        ? 'Supprimer les informations d’identification conservées de cette personne et invalider toutes ses preuves d’identité ? Elle ne pourra rien connecter avant que vous l’autorisiez de nouveau.'
        : `Supprimer les informations d’identification conservées de ces ${amount(count)} personnes et invalider toutes leurs preuves d’identité ? Elles ne pourront rien connecter avant que vous les autorisiez de nouveau.`,
    yes: 'Oui, révoquer',
    no: 'Garder l’accès',
    progress: (done, total) => `${amount(done)} sur ${amount(total)}. Gardez cette page ouverte.`,
    result: (done, failed) => `Accès révoqués : ${amount(done)}. Échecs : ${amount(failed)}.`,
    done: 'accès révoqué',
    again: 'Réessayer les échecs',
  },

  person: {
    heading: 'Personne',
    revoke: 'Révoquer l’accès',
    allow: 'Autoriser de nouveau',
    revoked: 'L’accès de cette personne est révoqué.',
    allowed: 'Cette personne peut de nouveau connecter un compte.',
    back: 'Toutes les personnes',
    connections: 'Comptes connectés',
    toPerson: 'La personne lit (en anglais)',
    stored: 'Ce qui est conservé',
    happened: 'Ce qui s’est passé',
    nothingHappened: 'Rien n’est enregistré.',
    newest: (count) => `Les enregistrements les plus récents, ${amount(count)} au plus.`,
    subject: 'ID dans ce service',
    zoomUser: 'ID d’utilisateur Zoom',
    found: 'trouvé par le nom de connexion, dont l’empreinte est conservée',
    byZoom: 'par une connexion à Zoom',
    noZoom: 'Aucun',
    proofsEnded: 'Preuves d’identité',
    proofsEndedAt: (time) => `Celles qui ont été émises avant le ${time} ne sont plus acceptées`,
    proofsLast: 'Aucune n’a été invalidée',
    groups: 'Groupes désignés par des stratégies',
    noGroups: 'Rien n’est conservé',
    group: (isMember) =>
      isMember === null ? 'le jeton d’accès ne l’indiquait pas' : isMember ? 'membre' : 'non membre',
    sessions: 'Sessions d’une boîte aux lettres Exchange',
    apps: 'Applications',
    noApps: 'Cette personne n’est connectée à aucune application.',
    app: (begun, used) => `connexion le ${begun}, dernière utilisation le ${used}`,
    endApp: 'Terminer',
    endAppName: (app) => `Terminer la session de ${app}`,
    endAppQuestion:
      'Terminer cette session ? L’application oublie ce qu’elle a lu. La personne peut se connecter de nouveau.',
    appEnded: 'La session est terminée.',
    tickets: 'Tickets de réunion',
    meetings: 'Réunions',
    templates: 'Modèles enregistrés, chiffrés',
    defaults: 'Valeurs par défaut des nouvelles réunions, chiffrées',
    refusedPassword: 'Empreinte d’un mot de passe refusé',
    isStored: (isStored) => (isStored ? 'Conservé' : 'Non conservé'),
    watch: 'Calendrier surveillé',
    watched: (watch) =>
      watch === null
        ? 'Non surveillé'
        : `${watch.subscription ? 'Un abonnement' : 'Aucun abonnement'}, ${watch.changesToken ? 'un jeton de suivi des modifications' : 'aucun jeton de suivi des modifications'}`,
    jobs: 'Tâches sur des événements',
    failedJobs: 'Tâches en échec',
    credentials: 'Informations d’identification chiffrées',
    noCredentials: 'Aucune',
    credential: (provider, purpose, version) =>
      `${provider}, ${purposes[purpose] ?? purpose}, version ${version}`,
    key: (key) => (key === null ? 'sans secret pour le moment' : `chiffré avec la clé ${key}`),
    until: (time) => `supprimé après le ${time} s’il n’est pas utilisé`,
    permission: (provider, permission) =>
      provider === 'zoom'
        ? 'peut planifier des réunions avec le compte Zoom de la personne'
        : permission === 'read'
          ? 'peut lire le calendrier'
          : 'peut lire et modifier le calendrier',
    contacts: { read: 'peut lire les contacts', 'read-write': 'peut lire et modifier les contacts' },
    failures: (count, time) =>
      `Échecs consécutifs du fournisseur : ${amount(count)}. Il sera de nouveau interrogé après le ${time}.`,
  },

  records: {
    at: 'Date et heure',
    act: 'Action',
    caller: 'Par',
    subject: 'Concerne',
    detail: 'Détails',
    name: (act) => acts[act] ?? act,
  },
  nobody: 'le service',

  providers: {
    microsoft: 'Microsoft 365',
    google: 'Google',
    exchange: 'Exchange Server',
    zoom: 'Zoom',
    'microsoft-application': 'Microsoft 365, par application',
  },
  states: {
    not_connected: 'Non connecté',
    connected: 'Connecté',
    needs_sign_in: 'Reconnexion nécessaire',
    revoked_by_provider: 'Révoqué par le fournisseur',
    permission_lowered: 'Autorisation réduite',
    provider_down: 'Fournisseur indisponible',
    needs_administrator: 'Attend un administrateur',
    disconnected_by_administrator: 'Déconnecté par un administrateur',
  },
})

/** Makes the spaces non-breaking that French has before punctuation and inside guillemets. */
function spaced(text: string): string {
  return text.replace(/ (?=[;!?])/g, '\u202f').replace(/ (?=[:»])|(?<=«) /g, '\u00a0')
}

function typeset<Text>(text: Text): Text {
  if (typeof text === 'string') return spaced(text) as Text
  if (typeof text === 'function') return ((...given: unknown[]) => spaced(text(...given))) as Text
  const typed = Object.entries(text as object).map(([name, part]) => [name, typeset(part)])
  return Object.fromEntries(typed) as Text
}
