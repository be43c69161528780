export interface ComplianceTables {
  /** Stage of an organization's E911 account; no row = nothing completed. */
  complianceOrganizations: {
    organizationId: string;
    /** Last completed stage; null before the first and after opting out. */
    completed: string | null;
    optedOut: boolean;
    updatedAt: Date;
  };
  /** Stage of one location; no row = nothing completed. */
  complianceLocations: {
    organizationId: string;
    locationId: string;
    completed: string | null;
    optedOut: boolean;
    updatedAt: Date;
  };
}
