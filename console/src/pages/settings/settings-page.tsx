import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '../../api/use-query.ts';
import { useMay, useSession } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { ACCOUNT, Account } from './account.tsx';
import { ComplianceStages } from './compliance-stages.tsx';
import { Doors } from './doors.tsx';
import { Notification } from './notification.tsx';

/** What an organization settles about itself: its E911 account, who is told, how far it has come. */
export default function SettingsPage() {
  const may = useMay();
  const { organization } = useSession();
  // What stands below the account comes with it, and does not jump.
  const { isPending } = useQuery(ACCOUNT);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={organization.name}>
        {texts.settings.title}
      </Header>
      <Account />
      <div hidden={isPending}>
        <SpaceBetween size="l">
          {may('GET /v1/telephony/config/emergencyCallNotification') && <Notification />}
          {may('GET /api/compliance') && <ComplianceStages />}
          {may('GET /api/about') && <Doors />}
        </SpaceBetween>
      </div>
    </SpaceBetween>
  );
}
