import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMay, useSession } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { Account } from './account.tsx';
import { ComplianceStages } from './compliance-stages.tsx';
import { Doors } from './doors.tsx';
import { Notification } from './notification.tsx';

/** What an organization settles about itself: its E911 account, who is told, how far it has come. */
export default function SettingsPage() {
  const may = useMay();
  const { organization } = useSession();
  return (
    <SpaceBetween size="l" className="in-order">
      <Header variant="h1" description={organization.name}>
        {texts.settings.title}
      </Header>
      <Account />
      {may('GET /v1/telephony/config/emergencyCallNotification') && <Notification />}
      {may('GET /api/compliance') && <ComplianceStages />}
      {may('GET /api/about') && <Doors />}
    </SpaceBetween>
  );
}
