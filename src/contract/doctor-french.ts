import type { DoctorTexts } from './doctor.ts'

export const french: DoctorTexts = {
  checks: {
    settings: 'Paramètres',
    dns: 'Nom du service',
    tls: 'TLS',
    manifest: 'Manifeste',
  },
  states: { pass: 'réussi', fail: 'échec', unknown: 'impossible à vérifier d’ici' },
  findings: {
    waits: ['Non vérifié, car « {before} » n’est pas réussi.', 'Corrigez d’abord « {before} ».'],
    late: [
      'Aucune réponse en {seconds} secondes.',
      'Relancez doctor ; si cela persiste, vérifiez si un pare-feu bloque la connexion.',
    ],
    broken: ['La vérification elle-même a échoué.', 'Relancez doctor, et signalez-le si cela persiste.'],

    setting_wrong: ['{fault}.', 'Corrigez le paramètre et redémarrez le service.'],

    dns_found: ['{host} a l’adresse {addresses}.'],
    dns_missing: [
      'Le nom {host} n’existe pas.',
      'Créez un enregistrement DNS pour {host}, ou corrigez PUBLIC_URL.',
    ],
    dns_silent: [
      'Le serveur de noms de cette machine ne répond pas pour {host}.',
      'Lancez doctor sur une machine dont le serveur de noms fonctionne.',
    ],

    tls_good: ['{version} ; le certificat est reconnu et reste valable {days} jours.'],
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
    tls_expired: ['Le certificat n’est plus valable.', 'Renouvelez le certificat de {host}.'],
    tls_ends: ['Le certificat expire dans {days} jours.', 'Renouvelez le certificat de {host}.'],
    tls_other_name: [
      'Le certificat n’est pas celui de {host}.',
      'Obtenez un certificat au nom de {host}, ou corrigez PUBLIC_URL.',
    ],
    tls_old: [
      'Le proxy accepte {version}, qui n’est pas sûr.',
      'N’acceptez que TLS 1.2 ou plus récent sur le proxy.',
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
  },
}
