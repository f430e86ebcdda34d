import type { ConnectionKind, ConnectionState } from '../contract/connections.ts'

type Sentences = Record<ConnectionState, string>

/** What `contract/connections.ts` says to administrators, in French. `{it}` is what is connected. */
const any: Sentences = {
  not_connected: 'La personne n’a connecté aucun {it}. Aucune information d’identification n’est conservée.',
  connected:
    'Le fournisseur a accepté les informations d’identification conservées à leur dernière utilisation.',
  needs_sign_in:
    'Le fournisseur n’accepte plus les informations d’identification. Elles ont été supprimées. La personne doit reconnecter son {it}.',
  revoked_by_provider:
    'Le fournisseur n’autorise pas cette application à agir pour la personne. Les informations d’identification ont été supprimées. Autorisez l’application chez le fournisseur, puis la personne reconnecte son {it}.',
  permission_lowered:
    'Le fournisseur a accordé moins d’autorisations qu’il n’en faut. Les informations d’identification ont été supprimées. Accordez les autorisations, puis la personne reconnecte son {it}.',
  provider_down:
    'Le fournisseur a échoué ou n’a pas répondu à temps. Les informations d’identification sont conservées, et le service attend plus longtemps après chaque échec.',
  needs_administrator:
    'Aucun compte de service n’ouvre la boîte aux lettres : le serveur Exchange a refusé son mot de passe, ou il a été supprimé. Enregistrez-le de nouveau sous Boîtes aux lettres ; les personnes n’ont rien à faire.',
  disconnected_by_administrator:
    'Un administrateur a mis fin à cet accès. La personne ne peut rien connecter avant qu’un administrateur l’autorise.',
}

/** What each connects, and what is different in its states. */
const own: Record<ConnectionKind, { it: string } & Partial<Sentences>> = {
  microsoft: {
    it: 'calendrier',
    revoked_by_provider:
      'Dans l’annuaire, il manque l’application, son consentement ou le droit de cette personne à l’utiliser, ou la boîte aux lettres n’est plus dans Exchange Online. Les informations d’identification ont été supprimées. Accordez le consentement, puis la personne reconnecte son {it}. Si la boîte aux lettres a été déplacée vers un serveur, la personne l’y connecte.',
    permission_lowered:
      'Le fournisseur a accordé moins que la stratégie de cette personne ne demande, ou la stratégie n’autorise plus de calendrier. Les informations d’identification ont été supprimées. Accordez l’autorisation ou modifiez la stratégie, puis la personne reconnecte son {it}.',
  },
  google: {
    it: 'calendrier Google',
    permission_lowered:
      'Google a accordé une autre autorisation que celle que la stratégie de cette personne demande, ou la stratégie a changé. Les informations d’identification ont été supprimées. La personne doit reconnecter son {it}.',
  },
  zoom: {
    it: 'compte Zoom',
    needs_sign_in:
      'Zoom n’accepte plus les informations d’identification : la personne a supprimé l’application dans Zoom, ou ne l’a pas utilisée pendant 90 jours. Elles ont été supprimées. La personne doit reconnecter son {it}.',
    revoked_by_provider:
      'La personne ou un administrateur chez Zoom a supprimé l’application du compte Zoom. Les informations d’identification ont été supprimées. La personne doit reconnecter son {it}.',
    permission_lowered:
      'Il manque une étendue à l’application gérée par l’utilisateur chez Zoom. Les informations d’identification ont été supprimées. Ajoutez l’étendue, puis la personne reconnecte son {it}.',
  },
  'microsoft-application': {
    it: 'calendrier',
    connected:
      'Microsoft Graph a laissé l’application ouvrir le calendrier lors de la dernière vérification. Aucune information d’identification n’est conservée.',
    revoked_by_provider:
      'Il manque l’application dans l’annuaire, ou elle y est désactivée, ou la boîte aux lettres n’a plus de calendrier dans Exchange Online. Corrigez cela, puis vérifiez de nouveau.',
    permission_lowered:
      'L’application ne peut plus ouvrir cette boîte aux lettres, ou une stratégie n’autorise pas de calendrier pour elle. Accordez l’autorisation d’application, ajoutez la boîte aux lettres à l’étendue de l’application dans Exchange Online, ou modifiez la stratégie. Puis vérifiez de nouveau.',
    provider_down:
      'Entra ou Microsoft Graph a échoué ou n’a pas répondu à temps. Vérifiez de nouveau plus tard.',
    disconnected_by_administrator:
      'Un administrateur a révoqué l’accès de cette personne, et avec lui cet accès au calendrier. Autorisez de nouveau la personne, puis connectez la boîte aux lettres.',
  },
  exchange: {
    it: 'calendrier',
    needs_sign_in:
      'Le serveur Exchange n’a pas accepté le mot de passe. Il a été supprimé et n’est pas essayé de nouveau, pour que le compte ne soit pas verrouillé. La personne doit reconnecter son {it}.',
    revoked_by_provider:
      'Le mot de passe est correct, mais il n’ouvre pas cette boîte aux lettres : il n’y en a pas, les services web Exchange y sont désactivés, ou le compte de service ne peut pas agir pour elle. Ce qui l’ouvrait a été supprimé.',
    permission_lowered:
      'Une stratégie n’autorise plus de calendrier, ou autorise une autre façon de l’ouvrir. Ce qui l’ouvrait a été supprimé. La personne doit reconnecter son {it}.',
  },
}

/** The sentence for an administrator about a state of a connection. */
export const stateOf = (provider: ConnectionKind, state: ConnectionState): string =>
  (own[provider][state] ?? any[state]).replaceAll('{it}', own[provider].it)
