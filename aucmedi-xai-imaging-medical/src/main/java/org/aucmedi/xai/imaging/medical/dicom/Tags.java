package org.aucmedi.xai.imaging.medical.dicom;

/** The tags of the elements that images and their copies need (PS3.6): group and number. */
public final class Tags {

  /** FileMetaInformationGroupLength. */
  public static final int FILE_META_INFORMATION_GROUP_LENGTH = 0x00020000;

  /** FileMetaInformationVersion. */
  public static final int FILE_META_INFORMATION_VERSION = 0x00020001;

  /** MediaStorageSOPClassUID. */
  public static final int MEDIA_STORAGE_SOP_CLASS_UID = 0x00020002;

  /** MediaStorageSOPInstanceUID. */
  public static final int MEDIA_STORAGE_SOP_INSTANCE_UID = 0x00020003;

  /** TransferSyntaxUID. */
  public static final int TRANSFER_SYNTAX_UID = 0x00020010;

  /** ImplementationClassUID. */
  public static final int IMPLEMENTATION_CLASS_UID = 0x00020012;

  /** ImplementationVersionName. */
  public static final int IMPLEMENTATION_VERSION_NAME = 0x00020013;

  /** SpecificCharacterSet. */
  public static final int SPECIFIC_CHARACTER_SET = 0x00080005;

  /** ImageType. */
  public static final int IMAGE_TYPE = 0x00080008;

  /** InstanceCreationDate. */
  public static final int INSTANCE_CREATION_DATE = 0x00080012;

  /** InstanceCreationTime. */
  public static final int INSTANCE_CREATION_TIME = 0x00080013;

  /** SOPClassUID. */
  public static final int SOP_CLASS_UID = 0x00080016;

  /** SOPInstanceUID. */
  public static final int SOP_INSTANCE_UID = 0x00080018;

  /** StudyDate. */
  public static final int STUDY_DATE = 0x00080020;

  /** SeriesDate. */
  public static final int SERIES_DATE = 0x00080021;

  /** AcquisitionDate. */
  public static final int ACQUISITION_DATE = 0x00080022;

  /** ContentDate. */
  public static final int CONTENT_DATE = 0x00080023;

  /** AcquisitionDateTime. */
  public static final int ACQUISITION_DATE_TIME = 0x0008002A;

  /** StudyTime. */
  public static final int STUDY_TIME = 0x00080030;

  /** SeriesTime. */
  public static final int SERIES_TIME = 0x00080031;

  /** AcquisitionTime. */
  public static final int ACQUISITION_TIME = 0x00080032;

  /** ContentTime. */
  public static final int CONTENT_TIME = 0x00080033;

  /** AccessionNumber. */
  public static final int ACCESSION_NUMBER = 0x00080050;

  /** Modality. */
  public static final int MODALITY = 0x00080060;

  /** ConversionType. */
  public static final int CONVERSION_TYPE = 0x00080064;

  /** PresentationIntentType. */
  public static final int PRESENTATION_INTENT_TYPE = 0x00080068;

  /** Manufacturer. */
  public static final int MANUFACTURER = 0x00080070;

  /** InstitutionName. */
  public static final int INSTITUTION_NAME = 0x00080080;

  /** InstitutionAddress. */
  public static final int INSTITUTION_ADDRESS = 0x00080081;

  /** ReferringPhysicianName. */
  public static final int REFERRING_PHYSICIAN_NAME = 0x00080090;

  /** CodeValue. */
  public static final int CODE_VALUE = 0x00080100;

  /** CodingSchemeDesignator. */
  public static final int CODING_SCHEME_DESIGNATOR = 0x00080102;

  /** CodingSchemeVersion. */
  public static final int CODING_SCHEME_VERSION = 0x00080103;

  /** CodeMeaning. */
  public static final int CODE_MEANING = 0x00080104;

  /** TimezoneOffsetFromUTC. */
  public static final int TIMEZONE_OFFSET_FROM_UTC = 0x00080201;

  /** StationName. */
  public static final int STATION_NAME = 0x00081010;

  /** StudyDescription. */
  public static final int STUDY_DESCRIPTION = 0x00081030;

  /** ProcedureCodeSequence. */
  public static final int PROCEDURE_CODE_SEQUENCE = 0x00081032;

  /** SeriesDescription. */
  public static final int SERIES_DESCRIPTION = 0x0008103E;

  /** InstitutionalDepartmentName. */
  public static final int INSTITUTIONAL_DEPARTMENT_NAME = 0x00081040;

  /** OperatorsName. */
  public static final int OPERATORS_NAME = 0x00081070;

  /** ManufacturerModelName. */
  public static final int MANUFACTURER_MODEL_NAME = 0x00081090;

  /** ReferencedStudySequence. */
  public static final int REFERENCED_STUDY_SEQUENCE = 0x00081110;

  /** ReferencedPerformedProcedureStepSequence. */
  public static final int REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE = 0x00081111;

  /** ReferencedSeriesSequence. */
  public static final int REFERENCED_SERIES_SEQUENCE = 0x00081115;

  /** ReferencedPatientSequence. */
  public static final int REFERENCED_PATIENT_SEQUENCE = 0x00081120;

  /** ReferencedImageSequence. */
  public static final int REFERENCED_IMAGE_SEQUENCE = 0x00081140;

  /** ReferencedInstanceSequence. */
  public static final int REFERENCED_INSTANCE_SEQUENCE = 0x0008114A;

  /** ReferencedSOPClassUID. */
  public static final int REFERENCED_SOP_CLASS_UID = 0x00081150;

  /** ReferencedSOPInstanceUID. */
  public static final int REFERENCED_SOP_INSTANCE_UID = 0x00081155;

  /** ReferencedFrameNumber. */
  public static final int REFERENCED_FRAME_NUMBER = 0x00081160;

  /** DerivationDescription. */
  public static final int DERIVATION_DESCRIPTION = 0x00082111;

  /** SourceImageSequence. */
  public static final int SOURCE_IMAGE_SEQUENCE = 0x00082112;

  /** AnatomicRegionSequence. */
  public static final int ANATOMIC_REGION_SEQUENCE = 0x00082218;

  /** FrameType. */
  public static final int FRAME_TYPE = 0x00089007;

  /** DerivationImageSequence. */
  public static final int DERIVATION_IMAGE_SEQUENCE = 0x00089124;

  /** PixelPresentation. */
  public static final int PIXEL_PRESENTATION = 0x00089205;

  /** VolumetricProperties. */
  public static final int VOLUMETRIC_PROPERTIES = 0x00089206;

  /** VolumeBasedCalculationTechnique. */
  public static final int VOLUME_BASED_CALCULATION_TECHNIQUE = 0x00089207;

  /** DerivationCodeSequence. */
  public static final int DERIVATION_CODE_SEQUENCE = 0x00089215;

  /** PatientName. */
  public static final int PATIENT_NAME = 0x00100010;

  /** PatientID. */
  public static final int PATIENT_ID = 0x00100020;

  /** IssuerOfPatientID. */
  public static final int ISSUER_OF_PATIENT_ID = 0x00100021;

  /** PatientBirthDate. */
  public static final int PATIENT_BIRTH_DATE = 0x00100030;

  /** PatientSex. */
  public static final int PATIENT_SEX = 0x00100040;

  /** PatientAge. */
  public static final int PATIENT_AGE = 0x00101010;

  /** PatientSize. */
  public static final int PATIENT_SIZE = 0x00101020;

  /** PatientWeight. */
  public static final int PATIENT_WEIGHT = 0x00101030;

  /** EthnicGroup. */
  public static final int ETHNIC_GROUP = 0x00102160;

  /** PatientComments. */
  public static final int PATIENT_COMMENTS = 0x00104000;

  /** PatientIdentityRemoved. */
  public static final int PATIENT_IDENTITY_REMOVED = 0x00120062;

  /** DeidentificationMethod. */
  public static final int DEIDENTIFICATION_METHOD = 0x00120063;

  /** ContrastBolusAgent. */
  public static final int CONTRAST_BOLUS_AGENT = 0x00180010;

  /** BodyPartExamined. */
  public static final int BODY_PART_EXAMINED = 0x00180015;

  /** SliceThickness. */
  public static final int SLICE_THICKNESS = 0x00180050;

  /** KVP. */
  public static final int KVP = 0x00180060;

  /** RepetitionTime. */
  public static final int REPETITION_TIME = 0x00180080;

  /** EchoTime. */
  public static final int ECHO_TIME = 0x00180081;

  /** SpacingBetweenSlices. */
  public static final int SPACING_BETWEEN_SLICES = 0x00180088;

  /** DeviceSerialNumber. */
  public static final int DEVICE_SERIAL_NUMBER = 0x00181000;

  /** SoftwareVersions. */
  public static final int SOFTWARE_VERSIONS = 0x00181020;

  /** ProtocolName. */
  public static final int PROTOCOL_NAME = 0x00181030;

  /** GantryDetectorTilt. */
  public static final int GANTRY_DETECTOR_TILT = 0x00181120;

  /** PageNumberVector. */
  public static final int PAGE_NUMBER_VECTOR = 0x00182001;

  /** ImagerPixelSpacing. */
  public static final int IMAGER_PIXEL_SPACING = 0x00181164;

  /** PatientPosition. */
  public static final int PATIENT_POSITION = 0x00185100;

  /** ContentQualification. */
  public static final int CONTENT_QUALIFICATION = 0x00189004;

  /** FrameAcquisitionDateTime. */
  public static final int FRAME_ACQUISITION_DATE_TIME = 0x00189074;

  /** FrameReferenceDateTime. */
  public static final int FRAME_REFERENCE_DATE_TIME = 0x00189151;

  /** FrameAcquisitionDuration. */
  public static final int FRAME_ACQUISITION_DURATION = 0x00189220;

  /** MRImageFrameTypeSequence. */
  public static final int MR_IMAGE_FRAME_TYPE_SEQUENCE = 0x00189226;

  /** CTImageFrameTypeSequence. */
  public static final int CT_IMAGE_FRAME_TYPE_SEQUENCE = 0x00189329;

  /** ContributingEquipmentSequence. */
  public static final int CONTRIBUTING_EQUIPMENT_SEQUENCE = 0x0018A001;

  /** StudyInstanceUID. */
  public static final int STUDY_INSTANCE_UID = 0x0020000D;

  /** SeriesInstanceUID. */
  public static final int SERIES_INSTANCE_UID = 0x0020000E;

  /** StudyID. */
  public static final int STUDY_ID = 0x00200010;

  /** SeriesNumber. */
  public static final int SERIES_NUMBER = 0x00200011;

  /** AcquisitionNumber. */
  public static final int ACQUISITION_NUMBER = 0x00200012;

  /** InstanceNumber. */
  public static final int INSTANCE_NUMBER = 0x00200013;

  /** PatientOrientation. */
  public static final int PATIENT_ORIENTATION = 0x00200020;

  /** ImagePositionPatient. */
  public static final int IMAGE_POSITION_PATIENT = 0x00200032;

  /** ImageOrientationPatient. */
  public static final int IMAGE_ORIENTATION_PATIENT = 0x00200037;

  /** FrameOfReferenceUID. */
  public static final int FRAME_OF_REFERENCE_UID = 0x00200052;

  /** Laterality. */
  public static final int LATERALITY = 0x00200060;

  /** ImageLaterality. */
  public static final int IMAGE_LATERALITY = 0x00200062;

  /** TemporalPositionIdentifier. */
  public static final int TEMPORAL_POSITION_IDENTIFIER = 0x00200100;

  /** NumberOfTemporalPositions. */
  public static final int NUMBER_OF_TEMPORAL_POSITIONS = 0x00200105;

  /** PositionReferenceIndicator. */
  public static final int POSITION_REFERENCE_INDICATOR = 0x00201040;

  /** SliceLocation. */
  public static final int SLICE_LOCATION = 0x00201041;

  /** ImageComments. */
  public static final int IMAGE_COMMENTS = 0x00204000;

  /** StackID. */
  public static final int STACK_ID = 0x00209056;

  /** InStackPositionNumber. */
  public static final int IN_STACK_POSITION_NUMBER = 0x00209057;

  /** FrameAnatomySequence. */
  public static final int FRAME_ANATOMY_SEQUENCE = 0x00209071;

  /** FrameLaterality. */
  public static final int FRAME_LATERALITY = 0x00209072;

  /** FrameContentSequence. */
  public static final int FRAME_CONTENT_SEQUENCE = 0x00209111;

  /** PlanePositionSequence. */
  public static final int PLANE_POSITION_SEQUENCE = 0x00209113;

  /** PlaneOrientationSequence. */
  public static final int PLANE_ORIENTATION_SEQUENCE = 0x00209116;

  /** TemporalPositionIndex. */
  public static final int TEMPORAL_POSITION_INDEX = 0x00209128;

  /** DimensionIndexValues. */
  public static final int DIMENSION_INDEX_VALUES = 0x00209157;

  /** DimensionOrganizationUID. */
  public static final int DIMENSION_ORGANIZATION_UID = 0x00209164;

  /** DimensionIndexPointer. */
  public static final int DIMENSION_INDEX_POINTER = 0x00209165;

  /** FunctionalGroupPointer. */
  public static final int FUNCTIONAL_GROUP_POINTER = 0x00209167;

  /** DimensionOrganizationSequence. */
  public static final int DIMENSION_ORGANIZATION_SEQUENCE = 0x00209221;

  /** DimensionIndexSequence. */
  public static final int DIMENSION_INDEX_SEQUENCE = 0x00209222;

  /** DimensionOrganizationType. */
  public static final int DIMENSION_ORGANIZATION_TYPE = 0x00209311;

  /** DimensionDescriptionLabel. */
  public static final int DIMENSION_DESCRIPTION_LABEL = 0x00209421;

  /** SamplesPerPixel. */
  public static final int SAMPLES_PER_PIXEL = 0x00280002;

  /** PhotometricInterpretation. */
  public static final int PHOTOMETRIC_INTERPRETATION = 0x00280004;

  /** PlanarConfiguration. */
  public static final int PLANAR_CONFIGURATION = 0x00280006;

  /** NumberOfFrames. */
  public static final int NUMBER_OF_FRAMES = 0x00280008;

  /** FrameIncrementPointer. */
  public static final int FRAME_INCREMENT_POINTER = 0x00280009;

  /** Rows. */
  public static final int ROWS = 0x00280010;

  /** Columns. */
  public static final int COLUMNS = 0x00280011;

  /** PixelSpacing. */
  public static final int PIXEL_SPACING = 0x00280030;

  /** PixelAspectRatio. */
  public static final int PIXEL_ASPECT_RATIO = 0x00280034;

  /** BitsAllocated. */
  public static final int BITS_ALLOCATED = 0x00280100;

  /** BitsStored. */
  public static final int BITS_STORED = 0x00280101;

  /** HighBit. */
  public static final int HIGH_BIT = 0x00280102;

  /** PixelRepresentation. */
  public static final int PIXEL_REPRESENTATION = 0x00280103;

  /** SmallestImagePixelValue. */
  public static final int SMALLEST_IMAGE_PIXEL_VALUE = 0x00280106;

  /** LargestImagePixelValue. */
  public static final int LARGEST_IMAGE_PIXEL_VALUE = 0x00280107;

  /** PixelPaddingValue. */
  public static final int PIXEL_PADDING_VALUE = 0x00280120;

  /** PixelPaddingRangeLimit. */
  public static final int PIXEL_PADDING_RANGE_LIMIT = 0x00280121;

  /** QualityControlImage. */
  public static final int QUALITY_CONTROL_IMAGE = 0x00280300;

  /** BurnedInAnnotation. */
  public static final int BURNED_IN_ANNOTATION = 0x00280301;

  /** RecognizableVisualFeatures. */
  public static final int RECOGNIZABLE_VISUAL_FEATURES = 0x00280302;

  /** PixelSpacingCalibrationType. */
  public static final int PIXEL_SPACING_CALIBRATION_TYPE = 0x00280A02;

  /** WindowCenter. */
  public static final int WINDOW_CENTER = 0x00281050;

  /** WindowWidth. */
  public static final int WINDOW_WIDTH = 0x00281051;

  /** RescaleIntercept. */
  public static final int RESCALE_INTERCEPT = 0x00281052;

  /** RescaleSlope. */
  public static final int RESCALE_SLOPE = 0x00281053;

  /** RescaleType. */
  public static final int RESCALE_TYPE = 0x00281054;

  /** WindowCenterWidthExplanation. */
  public static final int WINDOW_CENTER_WIDTH_EXPLANATION = 0x00281055;

  /** VOILUTFunction. */
  public static final int VOILUT_FUNCTION = 0x00281056;

  /** RedPaletteColorLookupTableDescriptor. */
  public static final int RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR = 0x00281101;

  /** GreenPaletteColorLookupTableDescriptor. */
  public static final int GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR = 0x00281102;

  /** BluePaletteColorLookupTableDescriptor. */
  public static final int BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR = 0x00281103;

  /** RedPaletteColorLookupTableData. */
  public static final int RED_PALETTE_COLOR_LOOKUP_TABLE_DATA = 0x00281201;

  /** GreenPaletteColorLookupTableData. */
  public static final int GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA = 0x00281202;

  /** BluePaletteColorLookupTableData. */
  public static final int BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA = 0x00281203;

  /** SegmentedRedPaletteColorLookupTableData. */
  public static final int SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA = 0x00281221;

  /** SegmentedGreenPaletteColorLookupTableData. */
  public static final int SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA = 0x00281222;

  /** SegmentedBluePaletteColorLookupTableData. */
  public static final int SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA = 0x00281223;

  /** SpatialLocationsPreserved. */
  public static final int SPATIAL_LOCATIONS_PRESERVED = 0x0028135A;

  /** ICCProfile. */
  public static final int ICC_PROFILE = 0x00282000;

  /** ColorSpace. */
  public static final int COLOR_SPACE = 0x00282002;

  /** LossyImageCompression. */
  public static final int LOSSY_IMAGE_COMPRESSION = 0x00282110;

  /** LossyImageCompressionRatio. */
  public static final int LOSSY_IMAGE_COMPRESSION_RATIO = 0x00282112;

  /** LossyImageCompressionMethod. */
  public static final int LOSSY_IMAGE_COMPRESSION_METHOD = 0x00282114;

  /** ModalityLUTSequence. */
  public static final int MODALITY_LUT_SEQUENCE = 0x00283000;

  /** LUTDescriptor. */
  public static final int LUT_DESCRIPTOR = 0x00283002;

  /** LUTExplanation. */
  public static final int LUT_EXPLANATION = 0x00283003;

  /** ModalityLUTType. */
  public static final int MODALITY_LUT_TYPE = 0x00283004;

  /** LUTData. */
  public static final int LUT_DATA = 0x00283006;

  /** VOILUTSequence. */
  public static final int VOILUT_SEQUENCE = 0x00283010;

  /** PixelMeasuresSequence. */
  public static final int PIXEL_MEASURES_SEQUENCE = 0x00289110;

  /** FrameVOILUTSequence. */
  public static final int FRAME_VOILUT_SEQUENCE = 0x00289132;

  /** PixelValueTransformationSequence. */
  public static final int PIXEL_VALUE_TRANSFORMATION_SEQUENCE = 0x00289145;

  /** PerformedProcedureStepDescription. */
  public static final int PERFORMED_PROCEDURE_STEP_DESCRIPTION = 0x00400254;

  /** RequestAttributesSequence. */
  public static final int REQUEST_ATTRIBUTES_SEQUENCE = 0x00400275;

  /** MeasurementUnitsCodeSequence. */
  public static final int MEASUREMENT_UNITS_CODE_SEQUENCE = 0x004008EA;

  /** ParametricMapFrameTypeSequence. */
  public static final int PARAMETRIC_MAP_FRAME_TYPE_SEQUENCE = 0x00409092;

  /** RealWorldValueMappingSequence. */
  public static final int REAL_WORLD_VALUE_MAPPING_SEQUENCE = 0x00409096;

  /** LUTLabel. */
  public static final int LUT_LABEL = 0x00409210;

  /** RealWorldValueLastValueMapped. */
  public static final int REAL_WORLD_VALUE_LAST_VALUE_MAPPED = 0x00409211;

  /** DoubleFloatRealWorldValueLastValueMapped. */
  public static final int DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED = 0x00409213;

  /** DoubleFloatRealWorldValueFirstValueMapped. */
  public static final int DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED = 0x00409214;

  /** RealWorldValueFirstValueMapped. */
  public static final int REAL_WORLD_VALUE_FIRST_VALUE_MAPPED = 0x00409216;

  /** QuantityDefinitionSequence. */
  public static final int QUANTITY_DEFINITION_SEQUENCE = 0x00409220;

  /** RealWorldValueIntercept. */
  public static final int REAL_WORLD_VALUE_INTERCEPT = 0x00409224;

  /** RealWorldValueSlope. */
  public static final int REAL_WORLD_VALUE_SLOPE = 0x00409225;

  /** ValueType. */
  public static final int VALUE_TYPE = 0x0040A040;

  /** AcquisitionContextSequence. */
  public static final int ACQUISITION_CONTEXT_SEQUENCE = 0x00400555;

  /** ConceptNameCodeSequence. */
  public static final int CONCEPT_NAME_CODE_SEQUENCE = 0x0040A043;

  /** TextValue. */
  public static final int TEXT_VALUE = 0x0040A160;

  /** FloatingPointValue. */
  public static final int FLOATING_POINT_VALUE = 0x0040A161;

  /** ConceptCodeSequence. */
  public static final int CONCEPT_CODE_SEQUENCE = 0x0040A168;

  /** PurposeOfReferenceCodeSequence. */
  public static final int PURPOSE_OF_REFERENCE_CODE_SEQUENCE = 0x0040A170;

  /** MeasuredValueSequence. */
  public static final int MEASURED_VALUE_SEQUENCE = 0x0040A300;

  /** NumericValue. */
  public static final int NUMERIC_VALUE = 0x0040A30A;

  /** ContentSequence. */
  public static final int CONTENT_SEQUENCE = 0x0040A730;

  /** NumberOfSlices. */
  public static final int NUMBER_OF_SLICES = 0x00540081;

  /** Units. */
  public static final int UNITS = 0x00541001;

  /** SegmentationType. */
  public static final int SEGMENTATION_TYPE = 0x00620001;

  /** SegmentSequence. */
  public static final int SEGMENT_SEQUENCE = 0x00620002;

  /** SegmentedPropertyCategoryCodeSequence. */
  public static final int SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE = 0x00620003;

  /** SegmentNumber. */
  public static final int SEGMENT_NUMBER = 0x00620004;

  /** SegmentLabel. */
  public static final int SEGMENT_LABEL = 0x00620005;

  /** SegmentDescription. */
  public static final int SEGMENT_DESCRIPTION = 0x00620006;

  /** SegmentAlgorithmType. */
  public static final int SEGMENT_ALGORITHM_TYPE = 0x00620008;

  /** SegmentAlgorithmName. */
  public static final int SEGMENT_ALGORITHM_NAME = 0x00620009;

  /** SegmentIdentificationSequence. */
  public static final int SEGMENT_IDENTIFICATION_SEQUENCE = 0x0062000A;

  /** ReferencedSegmentNumber. */
  public static final int REFERENCED_SEGMENT_NUMBER = 0x0062000B;

  /** RecommendedDisplayCIELabValue. */
  public static final int RECOMMENDED_DISPLAY_CIE_LAB_VALUE = 0x0062000D;

  /** MaximumFractionalValue. */
  public static final int MAXIMUM_FRACTIONAL_VALUE = 0x0062000E;

  /** SegmentedPropertyTypeCodeSequence. */
  public static final int SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE = 0x0062000F;

  /** SegmentationFractionalType. */
  public static final int SEGMENTATION_FRACTIONAL_TYPE = 0x00620010;

  /** TrackingID. */
  public static final int TRACKING_ID = 0x00620020;

  /** TrackingUID. */
  public static final int TRACKING_UID = 0x00620021;

  /** ContentLabel. */
  public static final int CONTENT_LABEL = 0x00700080;

  /** ContentDescription. */
  public static final int CONTENT_DESCRIPTION = 0x00700081;

  /** ContentCreatorName. */
  public static final int CONTENT_CREATOR_NAME = 0x00700084;

  /** IconImageSequence. */
  public static final int ICON_IMAGE_SEQUENCE = 0x00880200;

  /** PresentationLUTShape. */
  public static final int PRESENTATION_LUT_SHAPE = 0x20500020;

  /** DoseUnits. */
  public static final int DOSE_UNITS = 0x30040002;

  /** DoseType. */
  public static final int DOSE_TYPE = 0x30040004;

  /** DoseSummationType. */
  public static final int DOSE_SUMMATION_TYPE = 0x3004000A;

  /** GridFrameOffsetVector. */
  public static final int GRID_FRAME_OFFSET_VECTOR = 0x3004000C;

  /** DoseGridScaling. */
  public static final int DOSE_GRID_SCALING = 0x3004000E;

  /** SharedFunctionalGroupsSequence. */
  public static final int SHARED_FUNCTIONAL_GROUPS_SEQUENCE = 0x52009229;

  /** PerFrameFunctionalGroupsSequence. */
  public static final int PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE = 0x52009230;

  /** ExtendedOffsetTable. */
  public static final int EXTENDED_OFFSET_TABLE = 0x7FE00001;

  /** ExtendedOffsetTableLengths. */
  public static final int EXTENDED_OFFSET_TABLE_LENGTHS = 0x7FE00002;

  /** FloatPixelData. */
  public static final int FLOAT_PIXEL_DATA = 0x7FE00008;

  /** DoubleFloatPixelData. */
  public static final int DOUBLE_FLOAT_PIXEL_DATA = 0x7FE00009;

  /** PixelData. */
  public static final int PIXEL_DATA = 0x7FE00010;

  /** DataSetTrailingPadding. */
  public static final int DATA_SET_TRAILING_PADDING = 0xFFFCFFFC;

  private Tags() {}

  /**
   * {@return the name of a tag for a message, such as {@code Rows (0028,0010)}}
   *
   * @param tag group and element number
   */
  public static String name(int tag) {
    String keyword = Dictionary.keyword(tag);
    String number = String.format("(%04x,%04x)", tag >>> 16, tag & 0xffff);
    return keyword.isEmpty() ? number : keyword + " " + number;
  }
}
