import type { Catalogue } from './catalogue.en.ts';

/** The texts of a 933 call in Canadian French, for the written translation: no French voice is at hand (decision 64). */
export const CATALOGUE_FR: Catalogue = {
  opening: 'Ceci est un appel d’essai au service d’urgence. Aucun centre d’urgence n’a été appelé.',
  simulated: 'Ce système est indépendant, et les centres d’urgence qu’il nomme sont simulés.',
  writtenTranslation: 'Un texte français de cette annonce est conservé avec le dossier de cet appel.',

  caller: 'Vous appelez du {number}.',
  noCaller: 'Votre appel ne portait aucun numéro d’appelant.',
  callback: 'On vous rappellerait au {number}.',
  callbackIsCaller: 'On vous rappellerait à ce numéro.',
  noCallback: 'Aucun numéro de rappel n’est connu.',

  location: 'Vous êtes à l’adresse suivante : {address}.',
  coordinates: 'Votre position n’est connue que par ses coordonnées : latitude {latitude}, longitude {longitude}.',
  noLocation: 'Votre position n’est pas connue.',
  rule: 'La règle qui l’a trouvée : {rule}.',

  'rule.conveyed-value': 'votre téléphone ou votre réseau l’a envoyée avec l’appel',
  'rule.conveyed-reference': 'l’appel portait une référence à cette adresse',
  'rule.device': 'le lieu où votre appareil a été trouvé la dernière fois',
  'rule.elin': 'le lieu que désigne votre numéro de téléphone',
  'rule.number': 'le lieu de votre numéro de téléphone',
  'rule.default': 'le seul site de votre organisation',
  'rule.device-override': 'le lieu fixé pour votre appareil',
  'rule.switch-port': 'le port de commutateur de votre appareil',
  'rule.switch-chassis': 'le commutateur de votre appareil',
  'rule.bssid': 'le point d’accès Wi-Fi de votre appareil',
  'rule.bssid-mask': 'le groupe de points d’accès Wi-Fi de votre appareil',
  'rule.mac': 'l’adresse matérielle de votre appareil',
  'rule.ip-range': 'l’adresse réseau de votre appareil',
  'rule.device-address': 'l’adresse que vous avez inscrite pour votre appareil',
  'rule.site-default': 'le lieu par défaut de votre établissement',

  noAccount: 'Le service d’urgence n’est pas activé pour cette organisation.',
  optedOut: 'Cet emplacement s’est retiré du service d’urgence.',
  testCallsNotEnabled: 'Les appels d’essai ne sont pas encore activés pour cet emplacement.',
  routingNotEnabled: 'L’acheminement d’urgence n’est pas encore activé pour cet emplacement.',
  missing: 'Il manque : {stages}.',
  and: '{first} et {last}',
  'stage.LOCATION_SETUP': 'la configuration de l’emplacement',
  'stage.ALERTS': 'les destinataires des alertes',
  'stage.NETWORK_ELEMENTS': 'les éléments du réseau',
  'stage.ROUTING_ENABLED': 'la confirmation que l’acheminement est activé',

  direct: 'Un vrai appel au 911 irait directement à {name}.',
  relay: 'Un vrai appel au 911 irait à {name}, où un agent demande votre position.',
  relayBecause:
    'Un vrai appel au 911 irait à {name}, où un agent demande votre position, pour cette raison : {reason}.',
  screened:
    'Un vrai appel au 911 serait vérifié par un agent de {name} avant d’être transmis, pour cette raison : {reason}.',
  emergencyCenter: 'le centre d’urgence',
  relayCenter: 'le centre de relais',
  'reason.opted-out': 'cet emplacement s’est retiré du service',
  'reason.no-account': 'le service d’urgence n’est pas activé',
  'reason.not-enabled': 'l’acheminement n’est pas activé',
  'reason.exempt': 'cet emplacement est hors de la zone de service',
  'reason.no-location': 'votre position n’est pas connue',
  'reason.no-route': 'votre position n’est dans la zone connue d’aucun centre d’urgence',
  'reason.psap-open': 'le centre d’urgence qui dessert votre position n’est pas établi',
  'reason.nomadic-canada': 'vous avez inscrit l’adresse vous-même et elle est au Canada',

  spelling: '{name} s’épelle {letters}.',
  menu: 'Appuyez sur le 1 pour réentendre ce message, sur le 2 pour l’entendre lentement et épelé, ou sur le carré pour terminer.',
  heard: 'Nous avons reçu du son de votre téléphone.',
  notHeard: 'Nous n’avons reçu aucun son de votre téléphone.',
  goodbye: 'Fin de l’essai. Au revoir.',
};
