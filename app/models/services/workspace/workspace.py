"""A workspace: the folder that holds the database, the sealed keys and the settings."""

import logging
from contextlib import ExitStack
from pathlib import Path

from app.config.settings import SettingsFile
from app.core.errors import AuthenticationError, KnownError
from app.models.domain.access import SYSTEM, Actor
from app.models.domain.events import KeysChanged
from app.models.services.applications.applications import Applications
from app.models.services.applications.certificates import ApplicationCertificates
from app.models.services.applications.enrolment import ApplicationEnrolment
from app.models.services.applications.tokens import ApiTokens
from app.models.services.audit.checkpoints import Checkpoints
from app.models.services.audit.log import AuditLog
from app.models.services.audit.reports import Reports
from app.models.services.authorities.authorities import Authorities
from app.models.services.authorities.details import DetailsOfAuthorities
from app.models.services.authorities.imports import AuthorityImports
from app.models.services.authorities.making import AuthorityMaking
from app.models.services.authorities.revocation import AuthorityRevocation
from app.models.services.authorities.token_directory import TokenDirectory
from app.models.services.certificates.certificates import Certificates
from app.models.services.certificates.certification import Certification
from app.models.services.certificates.checks import CertificateChecks
from app.models.services.certificates.issuance import Issuance
from app.models.services.certificates.issuing import CertificateIssuing
from app.models.services.certificates.listed import CertificateList
from app.models.services.certificates.renewal import CertificateRenewal
from app.models.services.device_types.device_types import DeviceTypes
from app.models.services.device_types.separate_cas import SeparateCas
from app.models.services.devices.certificates import DeviceCertificates
from app.models.services.devices.creation import DeviceCreation
from app.models.services.devices.credentials import Credentials
from app.models.services.devices.devices import Devices
from app.models.services.devices.listed import DeviceList
from app.models.services.devices.own_devices import OwnDevices
from app.models.services.est.admission import EstAdmission
from app.models.services.est.client_files import ClientFileMaking
from app.models.services.est.device_authentication import DeviceAuthentication
from app.models.services.est.device_recognition import DeviceRecognition
from app.models.services.est.endpoints import EstEndpoints
from app.models.services.est.enrolment import Enrolment
from app.models.services.est.exchanges import EstExchanges
from app.models.services.est.monitor import EstMonitor
from app.models.services.est.registration import Registration
from app.models.services.est.routing import EstRouting
from app.models.services.est.servers import EstServers
from app.models.services.est.terms import EnrolmentTerms
from app.models.services.external_cas.certificates import ExternalCertificates
from app.models.services.external_cas.external_cas import ExternalCas
from app.models.services.external_cas.proof import ExternalCaProof
from app.models.services.owners.sessions import Sessions
from app.models.services.owners.tenants import Tenants
from app.models.services.owners.users import Users
from app.models.services.revocation.crls import Crls
from app.models.services.revocation.ocsp_responder import OcspResponder
from app.models.services.revocation.publication import Publication
from app.models.services.revocation.revocation import Revocation
from app.models.services.setup.files import SetupFiles
from app.models.services.setup.items import SetupItems
from app.models.services.store import Store
from app.models.services.templates.extensions import Extensions
from app.models.services.templates.samples import TemplateSamples
from app.models.services.templates.templates import Templates
from app.models.services.workspace.retention import Retention
from app.models.services.workspace.station_settings import StationSettings
from app.pki.sealing import KdfCost

log = logging.getLogger(__name__)


class Workspace:
    """An open workspace: every service once, over one store. Close it when done.

    `cost` is what hashing a password costs. `audit_problem` is what was found against the audit
    log at opening, for people; empty when there was nothing.
    """

    def __init__(
        self, folder: Path, settings: SettingsFile, store: Store, cost: KdfCost, held: ExitStack
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.store = store
        self.station_settings = StationSettings(store, settings, cost)
        self.checkpoints = Checkpoints(store, folder)
        self.audit_problem = self.checkpoints.problem()
        self.audit = AuditLog(store, self.checkpoints)
        self.reports = Reports(store)
        self.tenants = Tenants(store)
        self.users = Users(store, cost)
        self.sessions = Sessions(store)
        self.applications = Applications(store, cost)
        self.authorities = Authorities(store)
        publication = Publication(settings)
        self.authority_making = AuthorityMaking(store, self.authorities, publication)
        self.authority_imports = AuthorityImports(store)
        self.authority_details = DetailsOfAuthorities(store, self.authorities)
        self.token_directory = TokenDirectory(store, self.authorities)
        self.crls = Crls(store, settings, self.authorities)
        self.ocsp_responder = OcspResponder(store, self.authorities)
        self.revocation = Revocation(store, self.crls)
        self.authority_revocation = AuthorityRevocation(store, self.crls)
        self.extensions = Extensions(store)
        separate_cas = SeparateCas(self.authorities)
        self.templates = Templates(store, self.extensions, separate_cas)
        self.external_cas = ExternalCas(store)
        self.external_ca_proof = ExternalCaProof(store)
        self.device_types = DeviceTypes(store, self.templates, separate_cas)
        items = SetupItems(self.extensions, self.templates, self.external_cas, self.device_types)
        self.setup_files = SetupFiles(store, items, self.device_types)
        self.devices = Devices(store, self.revocation)
        self.device_list = DeviceList(store)
        self.certificates = Certificates(store, self.authorities)
        self.application_certificates = ApplicationCertificates(store, self.authorities)
        self.api_tokens = ApiTokens(store, self.applications, self.application_certificates)
        self.certificate_checks = CertificateChecks(store, self.authorities)
        self.certificate_list = CertificateList(store)
        self.credentials = Credentials(store, self.device_types, cost)
        self.retention = Retention(store)
        self.est_monitor = EstMonitor(store.events)
        self._make_issuing(store, settings, publication)
        self._held = held

    def _make_issuing(self, store: Store, settings: SettingsFile, publication: Publication) -> None:
        """Make what issues certificates, over the services that are there by now."""
        self.template_samples = TemplateSamples(
            store, self.authorities, self.extensions, publication
        )
        certification = Certification(store, self.authorities, publication)
        self.issuance = Issuance(
            store,
            authorities=self.authorities,
            templates=self.templates,
            device_types=self.device_types,
            certification=certification,
        )
        self.certificate_issuing = CertificateIssuing(
            store,
            authorities=self.authorities,
            templates=self.templates,
            applications=self.applications,
            certification=certification,
        )
        self.certificate_renewal = CertificateRenewal(
            store,
            certificate_issuing=self.certificate_issuing,
            issuance=self.issuance,
            device_types=self.device_types,
            revocation=self.revocation,
        )
        self.external_certificates = ExternalCertificates(store, self.device_types)
        self.device_creation = DeviceCreation(
            store,
            device_types=self.device_types,
            issuance=self.issuance,
            credentials=self.credentials,
            external_certificates=self.external_certificates,
        )
        self.device_certificates = DeviceCertificates(store, self.device_types, self.issuance)
        self._make_enrolment(store, settings)

    def _make_enrolment(self, store: Store, settings: SettingsFile) -> None:
        """Make what enrols devices, over the services that issue."""
        self.est_servers = EstServers(store, settings, self.device_types)
        self.est_endpoints = EstEndpoints(
            store, self.authorities, self.templates, self.device_types
        )
        self.client_files = ClientFileMaking(
            store,
            settings,
            device_types=self.device_types,
            templates=self.templates,
            est_endpoints=self.est_endpoints,
        )
        registration = Registration(self.templates, self.external_certificates)
        recognition = DeviceRecognition(
            store.clock,
            device_types=self.device_types,
            templates=self.templates,
            authorities=self.authorities,
            external_certificates=self.external_certificates,
            registration=registration,
        )
        self.enrolment = Enrolment(
            store,
            device_types=self.device_types,
            templates=self.templates,
            issuance=self.issuance,
            recognition=recognition,
            registration=registration,
        )
        self.enrolment_terms = EnrolmentTerms(
            store,
            device_types=self.device_types,
            templates=self.templates,
            authorities=self.authorities,
        )
        self.device_authentication = DeviceAuthentication(store, self.credentials, recognition)
        self.own_devices = OwnDevices(store, self.device_types, self.authorities)
        self._make_admission(store, recognition)

    def _make_admission(self, store: Store, recognition: DeviceRecognition) -> None:
        """Make what lets devices and applications in to enrol."""
        applications = ApplicationEnrolment(store, self.applications, self.application_certificates)
        routing = EstRouting(
            store,
            est_endpoints=self.est_endpoints,
            applications=applications,
            recognition=recognition,
        )
        admission = EstAdmission(routing, self.device_authentication, applications)
        self.est_exchanges = EstExchanges(admission, self.est_monitor, self.audit, store.clock)

    @property
    def locked(self) -> bool:
        """Whether keys and other secrets are out of reach."""
        return self.store.vault.locked

    def lock(self) -> None:
        """Forget the keys; what needs them is refused until `unlock`.

        A person's lock is for `AuditLog.record_lock`; the end of a process, which may be killed,
        is not recorded.
        """
        self.store.vault.lock()
        self.store.events.publish(KeysChanged(locked=True))

    def unlock(self, passphrase: str, actor: Actor = SYSTEM) -> None:
        """Bring the keys into memory for whoever comes, and record it; as `open_keys` otherwise.

        They stay locked when that cannot be recorded.
        """
        self.open_keys(passphrase, actor)
        with ExitStack() as undo:
            undo.callback(self.store.vault.lock)
            with self.store.change(actor) as change:
                change.audit("workspace.unlock", "workspace", None, "")
            undo.pop_all()
        self.store.events.publish(KeysChanged(locked=False))

    def open_keys(self, passphrase: str, actor: Actor = SYSTEM) -> None:
        """Bring the keys into memory for one command or a further process.

        Only a wrong passphrase is recorded: what is done with the keys leaves events of its own.
        Raises `AuthenticationError` for it.
        """
        try:
            self.store.vault.unlock(passphrase)
        except AuthenticationError as error:
            self.audit.record_refusal(
                actor, "workspace.unlock", "workspace", None, "", error.problem
            )
            raise

    def upkeep(self) -> None:
        """Do what is due: destroy what is past its retention, sign revocation lists and audit log.

        To be called every minute, whoever is signed in or nobody.
        """
        self.retention.sweep()
        self.crls.sweep()
        self.checkpoints.keep_up()

    def close(self) -> None:
        """Forget the keys, close the database and let others open the workspace.

        What the audit log holds by then is signed first, unless the keys are locked.
        """
        try:
            if not self.locked:
                self.checkpoints.sign()
        except KnownError as error:
            log.warning("The audit log could not be signed at closing: %s", error.text())
        finally:
            self.store.vault.lock()
            self._held.close()
