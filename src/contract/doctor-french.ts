import type { DoctorTexts } from './doctor.ts'

export const french: DoctorTexts = {
  checks: {
    settings: 'Paramètres',
    dns: 'Nom du service',
    tls: 'TLS',
    service: 'Service derrière le proxy',
    manifest: 'Manifeste',
    wellKnown: 'Scripts autorisés',
    frames: 'Affichage dans Outlook',
    entraDirectory: 'Entra : annuaire',
    entraRedirects: 'Entra : adresses de redirection',
    entraSecret: 'Entra : secret client',
    entraToken: 'Entra : jeton de bout en bout',
    entraRegistration: 'Entra : inscription et consentement',
    zoomApp: 'Zoom : application et étendues',
    zoomUserApp: 'Zoom : application gérée par l’utilisateur',
    zoomUserScopes: 'Zoom : étendues de l’application gérée par l’utilisateur',
    graphWebhook: 'Notifications de Microsoft',
    zoomWebhook: 'Événements de Zoom',
    zoomUserWebhook: 'Événements de l’application gérée par l’utilisateur',
    database: 'Base de données',
    vault: 'Clés du coffre',
    subscriptions: 'Abonnements',
    clock: 'Horloge',
    exchange: 'Serveurs Exchange',
    exchangeCalls: 'Appels des serveurs Exchange',
    serviceAccounts: 'Comptes de service des serveurs Exchange',
    scope: 'Portée de l’application',
    room: 'Salle',
  },
  states: { pass: 'réussi', fail: 'échec', unknown: 'impossible à vérifier d’ici' },
  counted: '{state} : {count}',
  findings: {
    waits: ['Non vérifié, car « {before} » n’est pas réussi.', 'Corrigez d’abord « {before} ».'],
    late: [
      'Aucune réponse en {seconds} secondes.',
      'Relancez doctor ; si cela persiste, vérifiez si un pare-feu bloque la connexion.',
    ],
    broken: ['La vérification elle-même a échoué.', 'Relancez doctor, et signalez-le si cela persiste.'],

    setting_wrong: ['{fault}.', 'Corrigez le paramètre et redémarrez le service.'],
    setting_missing: ['{fault}.', 'Donnez-lui une valeur ; le guide dit d’où elle vient.'],
    settings_absent: [
      'Aucun paramètre du service n’est présent ici.',
      'Lancez doctor là où le service fonctionne, avec ses paramètres ; dans un conteneur par « docker compose exec ».',
    ],

    dns_found: ['{host} a l’adresse {addresses}.'],
    dns_missing: [
      'Le nom {host} n’existe pas.',
      'Créez un enregistrement DNS pour {host}, ou corrigez PUBLIC_URL.',
    ],
    dns_silent: [
      'Le serveur de noms de cette machine ne répond pas pour {host}.',
      'Lancez doctor sur une machine dont le serveur de noms fonctionne.',
    ],

    tls_good: ['{version} ; le certificat est reconnu. Jours de validité restants : {days}.'],
    tls_unreachable: [
      'Rien n’accepte de connexion à {host}, port {port}.',
      'Démarrez le proxy devant le service, et ouvrez le port {port} dans le pare-feu.',
    ],
    tls_refused: [
      '{host} n’achève pas la négociation TLS.',
      'Faites parler TLS 1.2 ou 1.3 au proxy sur le port {port}.',
    ],
    tls_chain: [
      'Le proxy n’envoie pas toute la chaîne de son certificat.',
      'Donnez au proxy le certificat avec les certificats intermédiaires.',
    ],
    tls_untrusted: [
      'Le certificat vient d’une autorité qui n’est pas reconnue.',
      'Obtenez un certificat d’une autorité publique, car Microsoft et Zoom n’en reconnaissent pas d’autre.',
    ],
    tls_early: [
      'Le certificat n’est pas encore valable.',
      'Synchronisez l’horloge de cette machine par NTP, ou attendez que le certificat soit valable.',
    ],
    tls_expired: ['Le certificat n’est plus valable.', 'Renouvelez le certificat de {host}.'],
    tls_ends: [
      'Le certificat expire bientôt. Jours restants : {days}.',
      'Renouvelez le certificat de {host}.',
    ],
    tls_other_name: [
      'Le certificat n’est pas celui de {host}.',
      'Obtenez un certificat au nom de {host}, ou corrigez PUBLIC_URL.',
    ],
    tls_old: [
      'Le proxy accepte {version}, qui n’est pas sûr.',
      'N’acceptez que TLS 1.2 ou plus récent sur le proxy.',
    ],

    service_answers: ['Le service répond à {host}.'],
    service_silent: [
      'Le proxy à {host} n’obtient aucune réponse du service (statut {status}).',
      'Démarrez le service, et transmettez les requêtes à son PORT par le proxy.',
    ],
    service_other: [
      'La réponse aux pages du complément à {host} a le statut {status}.',
      'Transmettez tous les chemins de {host} au service par le proxy, sans connexion préalable.',
    ],

    manifest_same: ['Les manifestes sont ceux de cette version, {version}.'],
    manifest_missing: [
      'La réponse à {path} a le statut {status}.',
      'Transmettez tous les chemins de {host} au service par le proxy, sans connexion préalable.',
    ],
    manifest_other: [
      '{path} n’est pas le manifeste de ce service.',
      'Faites désigner le même service à PUBLIC_URL et au proxy, et démarrez chaque processus avec cette version.',
    ],

    well_known_good: ['Le fichier nomme chaque script de ce service ({count}).'],
    well_known_missing: [
      'La réponse à {path} a le statut {status}.',
      'Transmettez /.well-known/ de {host} au service par le proxy.',
    ],
    well_known_other: [
      '{path} ne nomme pas les scripts de ce service.',
      'Transmettez {path} au service par le proxy, sans autre fichier à cette adresse.',
    ],
    frames_good: ['Chaque Outlook sur le web de ce déploiement peut afficher les pages ({count}).'],
    frames_missing: [
      'Les pages ne peuvent pas être affichées par {outlooks}.',
      'Ajoutez {outlooks} à FRAME_ANCESTORS.',
    ],
    frames_twice: [
      'Le proxy ajoute sa propre politique de sécurité du contenu, qui interdit les pages à {outlooks}.',
      'Retirez l’en-tête Content-Security-Policy que le proxy ajoute.',
    ],
    frames_refused: [
      'Le proxy ajoute X-Frame-Options : aucun Outlook n’affiche les pages.',
      'Retirez l’en-tête X-Frame-Options du proxy.',
    ],
    frames_open: [
      'Le proxy retire la politique de sécurité du contenu : n’importe quelle page pourrait afficher les nôtres.',
      'Laissez passer l’en-tête Content-Security-Policy par le proxy.',
    ],
    frames_other_cloud: [
      'Microsoft ne publie pas la liste des Outlook de ce cloud.',
      'Ouvrez le complément dans Outlook sur le web, et ajoutez son origine à FRAME_ANCESTORS si le volet reste vide.',
    ],
    frames_server: [
      'Les pages ne peuvent pas être affichées par {servers}, où les serveurs Exchange ont d’ordinaire Outlook sur le web.',
      'Ajoutez {servers} à FRAME_ANCESTORS, sauf si Outlook sur le web s’ouvre à une autre adresse qui y figure.',
    ],
    entra_directory_known: ['Entra connaît chaque annuaire de ENTRA_TENANTS ({count}).'],
    entra_directory_missing: [
      'Entra ne connaît pas l’annuaire {directory}.',
      'Corrigez l’identifiant de l’annuaire dans ENTRA_TENANTS, ou ENTRA_AUTHORITY.',
    ],
    entra_unreachable: [
      '{authority} ne répond pas.',
      'Laissez le service joindre {authority} à travers le pare-feu.',
    ],
    entra_redirects_good: ['Entra redirige vers chaque page de ce service ({count}).'],
    entra_redirects_unclear: [
      'La page de connexion d’Entra ne dit pas si les adresses de redirection sont inscrites.',
      'Comparez les adresses de redirection de l’application dans le centre d’administration Entra avec la documentation.',
    ],
    entra_redirect_missing: [
      'L’adresse de redirection {address} n’est pas inscrite.',
      'Ajoutez {address} à la plateforme monopage de l’application.',
    ],
    entra_app_redirect_missing: [
      'Entra redirige vers chaque page de ce service, mais pas vers {address} : personne ne s’y connecte à une application.',
    ],
    entra_redirect_not_spa: [
      '{address} est inscrite pour une autre plateforme.',
      'Déplacez {address} vers la plateforme monopage de l’application.',
    ],
    entra_broker_missing: [
      '{address} n’est pas inscrite : personne ne se connecte dans Outlook.',
      'Ajoutez {address} à la plateforme monopage, en dernière adresse.',
    ],
    entra_broker_first: [
      '{address} est la première adresse de redirection : le consentement d’un administrateur peut échouer.',
      'Placez une adresse https en premier.',
    ],
    entra_secret_accepted: ['Entra accepte ENTRA_CLIENT_SECRET.'],
    entra_secret_none: [
      'Sans ENTRA_CLIENT_SECRET, Entra ne donne au service aucun jeton à examiner.',
      'Définissez ENTRA_CLIENT_SECRET si des personnes doivent connecter leur calendrier. Le complément fonctionne sans.',
    ],
    entra_secret_wrong: [
      'Entra refuse ENTRA_CLIENT_SECRET.',
      'Copiez la valeur du secret, et non son identifiant, dans ENTRA_CLIENT_SECRET.',
    ],
    entra_secret_expired: [
      'Le secret client a expiré.',
      'Créez un autre secret client, et donnez sa valeur à ENTRA_CLIENT_SECRET.',
    ],
    entra_application_missing: [
      'L’annuaire {directory} n’a pas l’application {application}.',
      'Accordez le consentement d’administrateur dans cet annuaire, ou corrigez ENTRA_CLIENT_ID.',
    ],
    entra_application_disabled: [
      'L’application {application} est désactivée dans l’annuaire.',
      'Activez la connexion des utilisateurs dans les propriétés de l’application d’entreprise.',
    ],
    entra_refuses: [
      'Entra refuse l’application avec AADSTS{code}.',
      'Cherchez AADSTS{code} dans la liste des codes d’erreur de Microsoft.',
    ],
    entra_silent: [
      'Le point d’accès aux jetons d’Entra ne répond pas.',
      'Relancez doctor dans quelques minutes.',
    ],
    entra_token_good: ['Un jeton pour l’API du complément est de version 2.0, et sa signature est juste.'],
    entra_token_version: [
      'Les jetons pour l’API du complément sont de version {version}.',
      'Mettez requestedAccessTokenVersion à 2 dans le manifeste de l’application.',
    ],
    entra_token_other: [
      'Le jeton d’Entra a un autre destinataire, un autre émetteur, ou une clé de signature non publiée.',
      'Corrigez ENTRA_AUTHORITY et ENTRA_CLIENT_ID.',
    ],
    entra_api_missing: [
      'L’application n’a pas d’API avec l’URI api://{application}.',
      'Exposez une API avec l’URI d’ID d’application api://{application}.',
    ],
    entra_scope_missing: [
      'L’étendue access_as_user n’est pas exposée, ou est désactivée.',
      'Ajoutez l’étendue access_as_user à l’API de l’application, et activez-la.',
    ],
    entra_registration_good: [
      'Adresses de redirection, API, version des jetons et consentement sont justes.',
    ],
    entra_registration_closed: [
      'Le service ne peut pas lire son inscription, et n’a pas besoin de cette permission.',
      'Donnez à doctor votre propre jeton pour Microsoft Graph avec --graph-token-file.',
    ],
    entra_registration_refused: [
      'Microsoft Graph ne laisse pas ce jeton lire l’inscription (statut {status}).',
      'Obtenez un nouveau jeton pour Microsoft Graph, au nom de quelqu’un qui peut lire les applications dans l’annuaire de l’application.',
    ],
    graph_unreachable: [
      '{address} ne répond pas.',
      'Laissez le service joindre {address} à travers le pare-feu.',
    ],
    entra_consent_missing: [
      'Il n’y a pas de consentement d’administrateur pour {scopes}.',
      'Accordez le consentement d’administrateur pour {scopes} sous Autorisations d’API.',
    ],
    entra_consent_closed: [
      'Le jeton ne peut pas lire les consentements.',
      'Vérifiez sous Autorisations d’API si le consentement d’administrateur est accordé.',
    ],
    zoom_good: ['Zoom donne un jeton, et aucune étendue ne manque.'],
    zoom_options_missing: [
      'Zoom donne un jeton ; sans {scopes}, certaines options de réunion ne sont pas proposées.',
    ],
    zoom_scopes_missing: [
      'Il manque à l’application Zoom {scopes}.',
      'Ajoutez {scopes} à l’application serveur à serveur.',
    ],
    zoom_refused: [
      'Zoom refuse l’application.',
      'Corrigez ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID et ZOOM_CLIENT_SECRET, et activez l’application.',
    ],
    zoom_unreachable: [
      '{address} ne répond pas.',
      'Laissez le service joindre {address} à travers le pare-feu.',
    ],
    zoom_user_good: [
      'Zoom accepte l’identifiant et le secret de l’application, et affiche sa page de connexion pour {address}.',
    ],
    zoom_user_refused: [
      'Zoom refuse l’application gérée par l’utilisateur.',
      'Corrigez ZOOM_USER_CLIENT_ID et ZOOM_USER_CLIENT_SECRET : les deux sont sur la même page de l’application.',
    ],
    zoom_user_other_type: [
      'L’application de ZOOM_USER_CLIENT_ID n’est pas gérée par l’utilisateur.',
      'Créez une General App gérée par l’utilisateur, et donnez ses valeurs à ZOOM_USER_CLIENT_ID et ZOOM_USER_CLIENT_SECRET.',
    ],
    zoom_user_redirect_missing: [
      'L’adresse de redirection {address} n’est pas inscrite à l’application gérée par l’utilisateur.',
      'Ajoutez {address} à l’application, comme adresse de redirection et dans sa liste d’autorisation.',
    ],
    zoom_app_redirect_missing: [
      'Zoom accepte l’application, mais pas l’adresse de redirection {address} : personne ne se connecte à une application par Zoom.',
    ],
    zoom_user_redirect_unclear: [
      'Zoom accepte l’identifiant et le secret ; sa page de connexion ne dit pas si {address} est inscrite.',
      'Vérifiez si {address} est l’adresse de redirection de l’application.',
    ],
    zoom_user_scopes_good: [
      'Zoom a donné depuis un jour des jetons avec chaque étendue nécessaire ({count}).',
    ],
    zoom_user_scopes_missing: [
      'Connexions interrompues parce qu’une étendue manque à l’application : {count}.',
      'Ajoutez les étendues du guide à l’application ; ensuite ces personnes se reconnectent dans le volet.',
    ],
    zoom_user_scopes_unseen: [
      'Zoom ne montre les étendues de cette application qu’à la connexion d’un compte, et personne n’a de jeton depuis un jour.',
      'Connectez votre propre compte Zoom dans le volet, et relancez doctor.',
    ],
    webhook_good: ['Le service répond à {host} comme {vendor} l’attend.'],
    webhook_inside: [
      'Le service répond comme {vendor} l’attend, mais {host} a ici une adresse privée.',
      'Lancez doctor depuis l’extérieur de votre réseau.',
    ],
    webhook_blocked: [
      'La réponse à {path} a le statut {status}.',
      'Transmettez {path} de {host} au service par le proxy, sans connexion préalable.',
    ],
    webhook_secret: [
      'Le service en marche a un autre jeton secret que {setting} ici.',
      'Copiez le jeton secret de l’application dans {setting}, et redémarrez chaque processus.',
    ],
    database_good: ['PostgreSQL {version} répond en {milliseconds} ms.'],
    database_old: [
      'PostgreSQL {version} est plus ancien que {oldest}.',
      'Mettez PostgreSQL à niveau vers la version {oldest} ou plus récente.',
    ],
    database_slow: [
      'PostgreSQL répond en {milliseconds} ms.',
      'Placez la base de données dans la même région et le même réseau que le service.',
    ],
    database_tables: [
      'Les tables ne sont pas celles de cette version.',
      'Démarrez une fois cette version du service, qui les met à jour.',
    ],
    database_unreachable: [
      'La base de données ne peut pas être ouverte ({reason}).',
      'Corrigez DATABASE_URL ou DATA_DIR, et laissez le service joindre la base de données.',
    ],
    database_in_use: [
      'La base de données intégrée ne s’ouvre que dans un processus, et le service l’utilise.',
      'Arrêtez le service pendant que doctor fonctionne, ou utilisez PostgreSQL.',
    ],
    vault_good: ['La clé active est « {key} ». Chaque clé nécessaire aux secrets stockés les ouvre.'],
    vault_key_missing: [
      'Des secrets stockés ont besoin de la clé « {key} » ({count}), et VAULT_KEYS ne l’a pas.',
      'Remettez la clé « {key} » dans VAULT_KEYS, après la première.',
    ],
    vault_key_other: [
      'La clé « {key} » n’est pas celle qui a chiffré les secrets stockés sous ce nom.',
      'Remettez la clé précédente « {key} » dans VAULT_KEYS, et donnez un nouveau nom à une nouvelle clé.',
    ],
    vault_key_retired: [
      'Des administrateurs ont retiré la clé active « {key} ».',
      'Mettez une autre clé en premier dans VAULT_KEYS, ou nommez-en une autre dans VAULT_AZURE_KEY.',
    ],
    vault_key_closed: [
      'Azure Key Vault ne laisse pas le service utiliser la clé « {key} », dont des secrets stockés ont besoin.',
      'Réactivez cette version, jusqu’à ce qu’aucun secret stocké n’en ait besoin.',
    ],
    vault_refused: [
      'Azure Key Vault ne laisse pas le service utiliser VAULT_AZURE_KEY.',
      'Vérifiez la clé, VAULT_AZURE_CLIENT_ID et son secret, et ses autorisations wrapKey et unwrapKey.',
    ],
    vault_unreachable: [
      '{address}, ou le point de jetons d’Entra pour lui, ne répond pas.',
      'Laissez le service joindre {address} et Entra à travers le pare-feu.',
    ],

    subscriptions_good: ['Chaque abonnement auprès de Microsoft Graph est renouvelé ({count}).'],
    subscriptions_late: [
      'Abonnements qui ont pris fin : {late} sur {count}.',
      'Cherchez « work failed » avec work « watches » dans le journal, et démarrez le service s’il est arrêté.',
    ],
    subscriptions_failing: [
      'Calendriers qui ne peuvent pas être suivis pour l’instant : {failing} sur {count}.',
      'Lisez la page Synchronisation de la console, qui nomme chacun d’eux.',
    ],
    clock_right: ['L’horloge diffère d’au plus {seconds} s de celles de Microsoft et de Zoom.'],
    clock_wrong: [
      'L’horloge de cette machine diffère de celle de {system} de {seconds} s.',
      'Synchronisez l’horloge par NTP.',
    ],
    clock_unknown: [
      'Ni Microsoft ni Zoom ne donne l’heure.',
      'Comparez l’horloge avec une autre, ou synchronisez-la par NTP.',
    ],
    exchange_good: ['{server} a un certificat de signature valable. Jours de validité restants : {days}.'],
    exchange_unreachable: [
      'Les métadonnées de {server} ne peuvent pas être lues ({reason}).',
      'Laissez le service joindre {server}, ou donnez metadataFile dans EXCHANGE.',
    ],
    exchange_certificate: [
      '{server} présente un certificat auquel le service ne se fie pas, et rien ne lui est demandé : il a expiré, il est pour un autre nom, ca ne s’en porte pas garant, ou tlsPins ne l’a pas.',
      'Comparez-le avec le certificat de {server}. S’il a été renouvelé, ajoutez son SHA-256 à tlsPins, ou son autorité à ca, et redémarrez le service.',
    ],
    exchange_no_key: [
      '{server} ne publie aucun certificat de signature que EXCHANGE autorise.',
      'Corrigez les pins de {server} dans EXCHANGE, ou renouvelez son certificat.',
    ],
    exchange_ends: [
      'Le certificat de signature de {server} expire bientôt. Jours restants : {days}.',
      'Renouvelez le certificat d’authentification de {server}.',
    ],
    exchange_ended: [
      'Le certificat de signature de {server} a expiré.',
      'Renouvelez le certificat d’authentification de {server}.',
    ],
    service_account_good: [
      'Le compte de service de {server} ouvre des boîtes aux lettres : {count}. Le serveur ne l’a refusé à aucune utilisation.',
    ],
    service_account_needless: [
      'Aucune stratégie ne laisse un compte de service ouvrir des boîtes aux lettres sur {server}.',
    ],
    service_account_unused: [
      '{server} a un compte de service, et aucune boîte aux lettres ne l’utilise. On ne sait pas si le serveur l’accepte encore.',
      'Connectez une boîte aux lettres, ou enregistrez de nouveau le compte dans la console sous Boîtes aux lettres.',
    ],
    service_account_none: [
      'Une stratégie laisse un compte de service ouvrir des boîtes aux lettres, et {server} n’en a pas.',
      'Enregistrez-en un dans la console sous Boîtes aux lettres, ou modifiez la stratégie exchangeAccess.',
    ],
    service_account_refused: [
      '{server} a refusé le mot de passe de son compte de service, qui a été supprimé.',
      'Enregistrez de nouveau le compte dans la console sous Boîtes aux lettres.',
    ],
    mailbox_closed: [
      'L’application ne peut pas ouvrir le calendrier de {mailbox}.',
      'Accordez Calendars.Read à l’application pour une portée qui comprend {mailbox}.',
    ],
    mailbox_missing: [
      'Microsoft Graph ne connaît aucun calendrier de {mailbox}.',
      'Corrigez l’adresse : ce doit être celle d’une boîte aux lettres dans Exchange Online.',
    ],
    mailbox_unclear: [
      'Microsoft Graph ne dit pas si l’application peut ouvrir le calendrier de {mailbox}.',
      'Relancez doctor dans quelques minutes.',
    ],
    scope_good: ['L’application ouvre les calendriers qu’elle doit ouvrir, et aucun hors de sa portée.'],
    scope_open: [
      'L’application peut ouvrir le calendrier de {mailbox}, qui est hors de sa portée.',
      'Limitez l’application dans Exchange Online, et retirez son autorisation illimitée dans Entra, qui compte aussi.',
    ],
    room_good: ['{room} garde le titre et le texte de ce qu’elle accepte (examinés : {count}).'],
    room_empty: [
      '{room} n’a rien accepté qui puisse être examiné.',
      'Invitez la salle à une réunion avec un titre et un texte, et relancez doctor.',
    ],
    room_text: [
      'Rien de ce que {room} a accepté n’a de texte (examinés : {count}).',
      'Lancez Set-CalendarProcessing -Identity {room} -DeleteComments $false.',
    ],
    room_title: [
      'Rien de ce que {room} a accepté n’a son propre titre (examinés : {count}).',
      'Lancez Set-CalendarProcessing -Identity {room} -DeleteSubject $false -AddOrganizerToSubject $false.',
    ],
    room_organiser: [
      'Chaque titre à {room} commence par le nom de l’organisateur (examinés : {count}).',
      'Lancez Set-CalendarProcessing -Identity {room} -AddOrganizerToSubject $false.',
    ],
  },
}
