import type { ProblemCode } from '../contract/problems.ts'

/** What `contract/page-problems.ts` and `contract/service-problems.ts` say, in French. */
export const problems: Record<ProblemCode, string> = {
  invalid_appointment: 'Zoom ne peut pas planifier ce rendez-vous tant que vous ne l’avez pas modifié.',
  sign_in_required: 'Connectez-vous pour continuer.',
  service_unreachable:
    'Le service de planification n’a pas répondu. Rien n’a été modifié. Réessayez dans une minute.',
  outlook_not_answering: 'Outlook n’a pas répondu. Réessayez.',
  unexpected: 'Une erreur s’est produite. Réessayez, ou prévenez votre administrateur.',
  sign_in_refused:
    'Votre organisation n’autorise pas cette application à vous connecter. Adressez-vous à votre administrateur.',
  sign_in_cancelled: 'La connexion a été annulée. Réessayez quand vous serez prêt à vous connecter.',
  sign_in_unavailable: 'La connexion n’est pas disponible pour le moment. Réessayez dans une minute.',
  meeting_replaced:
    'L’ancienne réunion Zoom n’existe plus, et ce rendez-vous en a une nouvelle. Supprimez l’ancien lien et l’ancienne invitation, puis envoyez.',
  series_meeting_gone:
    'La réunion Zoom de cette série n’existe plus. Ouvrez la série, puis choisissez « Vérifier de nouveau ».',
  sign_in_window_blocked:
    'Votre navigateur a bloqué la fenêtre de connexion. Autorisez-la et réessayez, ou connectez-vous depuis les paramètres Zoom.',
  sign_in_window_open: 'Une fenêtre de connexion est déjà ouverte. Terminez la connexion dans cette fenêtre.',
  calendar_is_read_only:
    'Vous pouvez seulement lire ce calendrier. Demandez à son propriétaire l’autorisation de le modifier.',
  being_scheduled: 'Cette réunion est en cours de planification. Réessayez dans un instant.',
  offline: 'Vous êtes hors connexion. Connectez-vous à Internet et réessayez.',
  page_not_loaded:
    'Une partie de cette page ne s’est pas chargée. Fermez la page et rouvrez-la : elle est peut-être plus ancienne que le service.',
  not_supported:
    'Cette version d’Outlook ne le permet pas. Utilisez la version la plus récente d’Outlook pour votre ordinateur, ou Outlook sur le web.',
  sign_in_misconfigured:
    'Le certificat de connexion de votre serveur de messagerie a expiré. Prévenez votre administrateur.',
  link_required: 'Connectez votre compte Zoom pour continuer.',
  link_expired: 'La connexion à Zoom a pris trop de temps. Connectez Zoom de nouveau.',
  zoom_other_account:
    'Ce compte Zoom n’appartient pas à votre organisation. Connectez Zoom de nouveau avec votre compte professionnel.',
  too_many_requests: 'Il y a trop de demandes. Réessayez dans une minute.',
  zoom_not_connected:
    'Votre compte Zoom n’est pas connecté. Connectez-le dans les paramètres Zoom d’Outlook.',
  zoom_connected: 'Vous avez connecté votre propre compte Zoom. Déconnectez-le d’abord.',
  no_zoom_account:
    'Vous n’avez pas de compte Zoom dans votre organisation. Demandez-en un à votre administrateur.',
  zoom_not_allowed:
    'Votre compte Zoom n’est pas autorisé à planifier des réunions. Adressez-vous à votre administrateur Zoom.',
  zoom_misconfigured: 'La connexion à Zoom est mal configurée. Prévenez votre administrateur.',
  zoom_refused:
    'Zoom n’a pas accepté cette réunion. Modifiez le rendez-vous, ou prévenez votre administrateur.',
  alternative_host_is_host:
    'L’organisateur figure parmi les autres animateurs. Indiquez seulement d’autres personnes. Rien n’est modifié.',
  alternative_host_twice:
    'Un autre animateur est indiqué deux fois. Indiquez chaque personne une fois. Rien n’est modifié.',
  too_many_templates: 'Vous avez 40 modèles. Supprimez-en un pour en enregistrer un autre.',
  option_locked: 'Votre organisation décide de cette option. Elle n’est pas modifiée.',
  option_not_allowed: 'Votre compte Zoom ne permet pas cette option. Elle n’est pas modifiée.',
  alternative_hosts_not_allowed:
    'Zoom n’a pas accepté ces autres animateurs. Choisissez des personnes qui ont une licence dans votre compte Zoom.',
  authentication_profile_not_allowed:
    'Zoom n’a pas accepté cette façon de se connecter. Votre compte Zoom ne l’a peut-être plus. Choisissez-en une autre.',
  interpreters_not_allowed:
    'Zoom n’a pas accepté ces interprètes. Vérifiez leurs adresses et leurs langues. Rien n’est modifié.',
  zoom_busy: 'Zoom est occupé. Réessayez dans une minute.',
  zoom_unreachable: 'Zoom n’a pas répondu. Votre rendez-vous n’est pas modifié. Réessayez dans une minute.',
  invalid_request: 'La demande n’est pas valide. Rechargez la page et réessayez.',
  signature_refused:
    'La signature de cette demande manque, est fausse ou trop ancienne. Vérifiez le jeton secret de l’application Zoom, et l’horloge.',
  too_large: 'La demande est trop volumineuse. Raccourcissez-la et réessayez.',
  meeting_gone: 'Cette réunion Zoom a été supprimée. Ajoutez-en une nouvelle dans Outlook.',
  not_found: 'Il n’y a rien à cette adresse. Vérifiez l’adresse.',
  owner_has_no_zoom_account:
    'Le propriétaire de ce calendrier n’a pas de compte Zoom dans votre organisation. Demandez-en un à votre administrateur.',
  owner_does_not_allow:
    'Le propriétaire de ce calendrier ne vous a pas donné le droit de planifier dans Zoom. Demandez-le-lui.',
  owner_not_allowed:
    'Le compte Zoom du propriétaire de ce calendrier n’est pas autorisé à planifier des réunions. Adressez-vous à votre administrateur Zoom.',
  not_the_host:
    'Cette réunion Zoom appartient maintenant à une autre personne dans Zoom. Adressez-vous à elle ou à votre administrateur Zoom.',
  calendar_unreachable:
    'Votre fournisseur de calendrier n’a pas répondu. Rien n’a été modifié. Réessayez dans une minute.',
  calendar_misconfigured:
    'La connexion à votre fournisseur de calendrier est mal configurée. Prévenez votre administrateur.',
  exchange_misconfigured:
    'Votre serveur de messagerie ne propose pas le mode de connexion prévu pour ce service. Votre mot de passe n’a pas été essayé. Prévenez votre administrateur.',
  too_many_passwords: 'Votre serveur de messagerie a refusé trois mots de passe. Réessayez dans une heure.',
  calendar_busy: 'Votre calendrier est occupé pour le moment. Réessayez dans une minute.',
  calendar_not_connected:
    'Votre calendrier n’est pas connecté. Connectez-le dans les paramètres Zoom d’Outlook.',
  calendar_refuses:
    'Votre fournisseur de calendrier refuse l’accès pour le moment. Réessayez dans une minute.',
  not_an_administrator:
    'Vous n’avez aucun rôle dans ce service. Demandez le rôle Admin ou Auditor à un administrateur de votre annuaire.',
  role_too_low:
    'Un auditeur peut tout consulter et ne peut rien modifier. Demandez le rôle Admin à un administrateur de votre annuaire.',
  second_factor_required:
    'Les administrateurs ont besoin d’un second facteur. Connectez-vous de nouveau avec ce facteur.',
  only_by_command:
    'Ce service est destiné à plusieurs organisations. Seul son exploitant peut le faire, par une commande.',
  no_such_person: 'Le service ne conserve rien au sujet d’une telle personne de votre organisation.',
  calendar_not_allowed:
    'Votre organisation n’autorise pas la connexion de calendriers. Adressez-vous à votre administrateur.',
  exchange_sign_in_not_allowed:
    'Votre organisation n’autorise pas cette boîte aux lettres à se connecter. Adressez-vous à votre administrateur.',
  zoom_sign_in_not_allowed:
    'Votre organisation ne vous autorise pas à vous connecter à Zoom. Adressez-vous à votre administrateur.',
  apps_not_allowed:
    'Votre organisation ne donne pas aux applications l’accès aux calendriers. Adressez-vous à votre administrateur.',
  contacts_not_allowed:
    'Microsoft 365 ne donne pas aux applications l’accès à votre calendrier sans vos contacts, ce que votre organisation n’autorise pas. Adressez-vous à votre administrateur.',
  policies_changed: 'Un autre administrateur a modifié les stratégies entre-temps. Lisez-les de nouveau.',
  invitation_changed: 'Un autre administrateur a modifié l’invitation entre-temps. Lisez-la de nouveau.',
  invalid_invitation: 'L’invitation ne peut pas être enregistrée ainsi.',
  no_such_key: 'Le service n’a jamais eu de clé de ce nom.',
  key_in_use:
    'Cette clé est active, ou des informations d’identification conservées en dépendent encore. Rien n’a été modifié.',
  key_removal_asked:
    'Un administrateur a déjà demandé le retrait de cette clé, ou elle est déjà retirée. Lisez les clés de nouveau.',
  key_removal_not_asked:
    'Personne n’a demandé le retrait de cette clé au cours des dernières 24 heures. Lisez les clés de nouveau.',
  second_administrator_required:
    'Vous avez vous-même demandé le retrait de cette clé. Un autre administrateur doit le confirmer.',
  places_not_permitted:
    'L’application ne peut pas lire les salles de votre annuaire. Dans Entra ID, accordez-lui les autorisations d’application Place.Read.All et User.ReadBasic.All. Puis réessayez.',
  no_such_room: 'Votre annuaire n’a pas de salle à cette adresse. Vérifiez l’adresse.',
  room_not_added: 'Cette salle n’est pas ajoutée. Lisez les salles de nouveau.',
  room_systems_off:
    'Ce service ne réserve aucun système de salle. Indiquez leurs réseaux dans le paramètre ROOM_SYSTEM_NETWORKS.',
  no_room_system: 'Cette salle n’a pas de système de salle. Lisez les salles de nouveau.',
  no_such_screen: 'Cet écran n’existe plus. Lisez les salles de nouveau.',
  no_such_code:
    'Aucun écran ne montre ce code maintenant. Lisez-le de nouveau à l’écran : il change toutes les 10 minutes.',
  screen_not_paired: 'Cet écran n’est associé à aucune salle. Associez-le de nouveau.',
  mailbox_not_reached:
    'L’application ne peut pas ouvrir le calendrier de cette boîte aux lettres. Dans Entra ID, accordez-lui l’autorisation d’application Calendars.Read ou Calendars.ReadWrite, ou ajoutez la boîte aux lettres à son étendue dans Exchange Online. Puis réessayez.',
  no_such_mailbox:
    'Votre annuaire n’a pas de calendrier dans Exchange Online pour cet ID d’objet. Vérifiez l’ID, et si la boîte aux lettres est en ligne.',
  mailbox_not_connected:
    'Cette boîte aux lettres n’est pas connectée. Lisez les boîtes aux lettres de nouveau.',
  mailbox_not_allowed:
    'Une stratégie de votre organisation autorise moins pour cette boîte aux lettres. Choisissez moins, ou modifiez la stratégie.',
  access_revoked:
    'L’accès de cette personne a été révoqué. Autorisez-le de nouveau sur la page de la personne, puis connectez la boîte aux lettres.',
  application_missing:
    'Votre annuaire n’a pas l’application de ce service, ou ne la laisse pas entrer. Ajoutez-la dans Entra ID et accordez le consentement, puis réessayez.',
  application_misconfigured:
    'Entra n’accepte pas le secret de l’application de ce service, ou aucun n’est défini. L’exploitant du service doit renouveler ENTRA_CLIENT_SECRET.',
  mailbox_not_opened:
    'Votre serveur de messagerie ne laisse pas ce service ouvrir cette boîte aux lettres. Vérifiez que c’est bien votre adresse principale. Si oui, prévenez votre administrateur.',
  code_wrong:
    'Ce code n’est pas correct, ou il a plus de dix minutes. Vérifiez-le, ou envoyez un autre code.',
  too_many_codes:
    'Dix codes ont été envoyés pour vous ou pour cette boîte aux lettres en une journée. Réessayez demain.',
  service_account_missing:
    'Ce service n’a pas accès aux calendriers de votre serveur de messagerie pour le moment. Prévenez votre administrateur.',
  calendar_way_changed:
    'Votre organisation a changé la façon de connecter les calendriers. Rechargez le complément et réessayez.',
  service_account_refused:
    'Le serveur Exchange n’a pas accepté ce nom d’utilisateur et ce mot de passe, ou a refusé ce mot de passe il y a moins d’une heure. Rien n’a été enregistré.',
  no_such_server:
    'Le service ne connaît pas de serveur Exchange de ce nom avec une adresse EWS. Lisez la page de nouveau.',
  graph_unreachable:
    'Entra ou Microsoft Graph n’a pas répondu. Rien n’a été modifié. Réessayez dans une minute.',
  zoom_daily_limit: 'Zoom n’accepte plus de modification de vos réunions aujourd’hui. Réessayez demain.',
}
